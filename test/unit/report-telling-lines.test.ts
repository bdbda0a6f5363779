import { tellingLines } from '../../src/report/terminal/telling-lines';

const line = (at: number, severity: string, text: string) => ({ at, severity, text });

test('routine is left out, and what is said again and again is told once', () => {
  const lost = 'could not connect: refused\n\tIs the server running?';
  expect(
    tellingLines([
      line(1, 'LOG', 'entering standby mode'),
      line(2, 'FATAL', lost),
      line(3, 'LOG', 'waiting for WAL to become available at 0/1'),
      line(4, 'FATAL', lost),
      line(5, 'LOG', 'received promote request'),
      line(6, 'ERROR', 'division by zero\nSTATEMENT: SELECT 1/0'),
    ]),
  ).toEqual({
    told: [
      { at: 2, severity: 'FATAL', text: 'could not connect: refused', times: 2 },
      { at: 5, severity: 'LOG', text: 'received promote request', times: 1 },
      { at: 6, severity: 'ERROR', text: 'division by zero\nSTATEMENT: SELECT 1/0', times: 1 },
    ],
    leftOut: 2,
  });
});

test('of very many the last ones are told', () => {
  const lines = Array.from({ length: 50 }, (_, at) => line(at, 'ERROR', `number ${at}`));
  const { told, leftOut } = tellingLines(lines);
  expect(told.map(({ at }) => at)).toEqual(Array.from({ length: 20 }, (_, n) => n + 30));
  expect(leftOut).toBe(30);
});
