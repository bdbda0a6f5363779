import { acts, forActs } from '../support/all-acts';
import { useCluster } from '../support/cluster';
import { docker } from '../support/docker';

const the = useCluster(forActs);
afterEach(() => the.pgCluster.heal());

// `npm run test:engines` runs it on other engines than this machine's Docker.
test.each(Object.entries(acts))('%s', (_, act) => act({ pgCluster: the.pgCluster, docker }));
