import type { MediaOutcome } from './outcome.ts';

/** An open zip or tar archive. Members' names have forward slashes and no `./` before them. */
export type Archive = {
  /** The files in it, in natural order. */
  readonly members: readonly string[];
  /** The bytes of one of `members`, or a fault. */
  read(member: string): Promise<MediaOutcome>;
  close(): Promise<void>;
};

/** The limits of an archive, in bytes. */
export type ArchiveLimits = {
  /** Of one member, unpacked. */
  readonly maxBytes: number;
  /** Of all members of a tar together, unpacked. */
  readonly maxArchiveBytes: number;
};
