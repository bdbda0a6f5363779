import { ownApplicationName } from '../../postgres/own-application-name';

/** The application_name of connections of ours that take slots away from clients. */
export const holderName = `${ownApplicationName} holds a slot`;
