import { setFlagsFromString } from 'node:v8';

/**
 * For processes of ours that keep little, before they load anything else: new objects get no more
 * room than at the start. So they are collected more often, which costs less than the memory of one
 * such process for each of Jest's workers. A flag on the command line would do the same, but then V8
 * does not take the code that Node has compiled beforehand, and the process starts later.
 */
setFlagsFromString('--semi-space-growth-factor=1');
