import { type DoorNote, notedDoors } from '../../prompt/door-file';

/** The cluster of this id, or the only one there is. @throws if there is none, or more than one */
export function chosenDoor(id: string | undefined): DoorNote {
  const doors = notedDoors();
  const found = id ? doors.filter((door) => door.id === id) : doors;
  const [door, another] = found;
  if (!door) {
    throw new Error(
      id
        ? `no cluster ${JSON.stringify(id)} is held here${doors.length > 0 ? `:\n${listOf(doors)}` : ''}`
        : 'no cluster is held here',
    );
  }
  if (another)
    throw new Error(`several clusters are held here, name one of them:\n${listOf(found)}`);
  return door;
}

function listOf(doors: readonly DoorNote[]): string {
  return doors
    .map(
      ({ id, what, folder, since }) =>
        `  ${id}  ${what}, since ${new Date(since).toISOString()}, in ${folder}`,
    )
    .join('\n');
}
