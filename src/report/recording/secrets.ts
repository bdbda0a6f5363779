/** Words that a password may be, and that mean something else nearly everywhere. */
const common = ['postgres', 'password'];
/** A shorter password is hidden only where it stands as one. */
const longEnough = 8;

/**
 * Hides passwords in texts: recordings are kept by CI servers, where many may read them. Those that
 * are known are hidden wherever they stand; others where they are marked as one.
 */
export function withoutSecrets(known: () => readonly string[]): (text: string) => string {
  return (text) => {
    let hidden = text;
    for (const password of known()) {
      if (password.length < longEnough || common.includes(password.toLowerCase())) continue;
      if (hidden.includes(password)) hidden = hidden.replaceAll(password, '***');
    }
    if (!/passw|postgres/i.test(hidden)) return hidden;
    return hidden
      .replace(/(postgres(?:ql)?:\/\/[^:@/\s]*:)[^@/\s]*@/gi, '$1***@')
      .replace(/(\bpassword\s+)(?:E|U&)?'(?:[^']|'')*'/gi, "$1'***'")
      .replace(/(\b(?:pg)?password\s*[=:]\s*)(?:'(?:[^']|'')*'|"[^"]*"|[^\s'"]+)/gi, '$1***');
  };
}
