/** What a mail's transfer encoding, a web page or a program has made of lines: undone before a line is looked at. */
/** RFC 2045, 6.7: a line of quoted-printable is no longer than this. */
const MOST_ENCODED = 76;
const LEAST_BROKEN = 70;
/** What an encoder leaves of `=`: itself, a blank at the end, a dot or From at the beginning, and bytes above 127. */
const ENCODED = /^(?:=2E|=46)?(?:[^=]|=3D|=A0|=[C-F][0-9A-F](?:=[89AB][0-9A-F]){1,3})*(?:=(?:20|09|0D|0A)){0,3}=?$/;
const CODES = /(?:=[0-9A-F]{2})+/g;
const HOLDS_CODE = /=(?:3D|0A|0D|09|20|2E|A0|[C-F][0-9A-F]=[89AB])/;
/** A name of the kernel's whose value has been wrapped to the next line. */
const NAME_ONLY =
  /(?:^|[ ,])(?:order|gfp_mask|nodemask|cpuset|mems_allowed|constraint|task|pid|uid|oom_(?:score_)?adj|oomkilladj|oom_memcg|task_memcg|size)=$/;

/** A line break that was encoded, before one of the encoder's: the line ends there. */
export const endsThere = (line: string): boolean => line.endsWith('=0A=') || line.endsWith('=0D=0A=');

/** True when the line goes on in the next: quoted-printable breaks lines with `=`. */
export const isBroken = (line: string, known: boolean): boolean =>
  line.endsWith('=') &&
  (known || (line.length >= LEAST_BROKEN && line.length <= MOST_ENCODED && !line.endsWith(' =') && !NAME_ONLY.test(line))) &&
  ENCODED.test(line);

/** The line as it was before quoted-printable; null when it is not encoded. In what is, no `=` stands for itself. */
export function unquoted(line: string): string | null {
  if (!HOLDS_CODE.test(line) || !ENCODED.test(line)) return null;
  return line.replaceAll(CODES, (run) => Buffer.from(run.replaceAll('=', ''), 'hex').toString('latin1'));
}

/** Where a record begins: the date, host and `kernel:` of syslog, printk's stamp, or both. */
const BEGIN =
  /(?:[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d \S{1,64} kernel: (?:\[ {0,5}\d{1,9}\.\d{6}\] )?|(?:<\d>)?\[ {0,5}\d{1,9}\.\d{6}\] )(?!\[ {0,5}\d)/g;
const SHORTEST_SEVERAL = 60;

/** Records that a web page or a mail program has put in one line; null when it is one. */
export function several(line: string): string[] | null {
  if (line.length < SHORTEST_SEVERAL || line.startsWith('{')) return null;
  const begins = [...line.matchAll(BEGIN)].map(({ index }) => index);
  if (begins.length < 2) return null;
  return [line.slice(0, begins[1]), ...begins.slice(1).map((at, index) => line.slice(at, begins[index + 2]))].map((part) => part.trimEnd());
}

/** A line of pretty-printed JSON that holds a message: an event of Kubernetes, a record of the journal. */
const MEMBER = /^\s{1,40}"(?:message|MESSAGE|msg|log)"\s?: (".{1,3000}"),?$/;

/** The message of such a line; null when it is none. */
export function memberOf(line: string): string | null {
  const text = line.includes('": "') ? MEMBER.exec(line)?.[1] : undefined;
  if (text === undefined) return null;
  try {
    return String(JSON.parse(text)).trimEnd();
  } catch {
    return null;
  }
}
