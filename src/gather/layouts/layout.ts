/**
 * One way in which tools lay a host's evidence out in a directory. Paths are those below its top, with `*` for any run inside one
 * segment. Links are not followed out of it, and not at all in an archive: tables name the files themselves.
 */
export interface Layout {
  readonly title: string;
  /** Where it is described (https). */
  readonly docs: string;
  readonly origin: 'directory' | 'sosreport';
  /** How surely the names at the top are those of one: 2, 1, or 0 when they are not. */
  readonly fits: (names: ReadonlySet<string>) => 0 | 1 | 2;
  /** Where files of the kernel are that are not in their own place. */
  readonly places: Readonly<Record<string, readonly string[]>>;
  /** What tools printed: each is recognised by its shape. Of the names in one list the first that is there. */
  readonly texts: readonly (readonly string[])[];
  /** Kernel logs, the best first. */
  readonly logs: readonly string[];
  /** What `date` or `timedatectl` printed. */
  readonly dates: readonly string[];
  /** Texts that have logs in them: takes those out, the best first. Lines keep their numbers. */
  readonly takeLogs?: (text: string) => {
    readonly text: string;
    readonly logs: readonly { readonly path: string; readonly text: string }[];
  };
  /** Files of sar, of which the latest is read. */
  readonly sar?: readonly string[];
}

/** The shape of one file in layouts/: the id of the layout is the name of its file. */
export const defineLayout = (layout: Layout): Layout => layout;
