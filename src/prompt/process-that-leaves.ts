/**
 * This process, whose `exit` ends nothing but the prompt where it was typed: others may look at the
 * cluster, or tests wait for it, and it has to be removed in order.
 */
export function processThatLeaves(leave: (exitCode: number) => void): NodeJS.Process {
  let exitCode: NodeJS.Process['exitCode'];
  const exit = (code = exitCode) => leave(Number(code ?? 0) || 0);
  return new Proxy(process, {
    get(target, name) {
      if (name === 'exit') return exit;
      return name === 'exitCode' ? exitCode : Reflect.get(target, name);
    },
    set(target, name, value) {
      if (name !== 'exitCode') return Reflect.set(target, name, value);
      exitCode = value;
      return true;
    },
  });
}
