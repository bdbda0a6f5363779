import { stepStarted } from '../../src/engine/docker/image/build-image';

test.each([
  [
    'Step 3/7 : RUN sh /pg-cluster/link-programs.sh "17"\n',
    'step 3/7: RUN sh /pg-cluster/link-programs.sh "17"',
  ],
  [
    'STEP 3/7: RUN sh /pg-cluster/link-programs.sh "17"\n',
    'step 3/7: RUN sh /pg-cluster/link-programs.sh "17"',
  ],
  [' ---> Running in 0123456789ab\n', undefined],
  ['--> Using cache 0123456789ab\n', undefined],
  ['found step 3/7: in the output\n', undefined],
])('the step is read from Docker’s and Podman’s build output: %j', (line, step) => {
  expect(stepStarted(line)).toBe(step);
});
