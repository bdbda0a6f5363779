import Docker from 'dockerode';
import { startRecipe } from './recipe';
import { startTestcontainers } from './testcontainers';

/** For the files of the suite that have no environment of ours. */
export const recipe = () => startRecipe(new Docker(), 2);
export const testcontainers = () => startTestcontainers();
