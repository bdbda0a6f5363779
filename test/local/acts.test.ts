import { acts } from '../support/all-acts';
import { useCluster } from '../support/cluster';
import { docker } from '../support/docker';

/** See the README, "What the engines can do". */
const lacks = ['fillDisk', 'app'];
const here = Object.entries(acts).filter(([name]) => !lacks.includes(name));
const the = useCluster({ slaves: 1 });
afterEach(() => the.pgCluster.heal());

// `docker` is not asked for anything.
test.each(here)('%s', (_, act) => act({ pgCluster: the.pgCluster, docker }));
