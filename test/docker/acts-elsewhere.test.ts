import { runShortForm, testLimitMs } from '../engine/others/short-form';

// One after the other: they make the same images, and would wait for each other.
test.each(['podman', 'docker-rootless'] as const)(
  'what the README says of %s is so',
  (name) => runShortForm(name),
  testLimitMs,
);
