const KEPT = 200;
const MASK = '***';

const SECRET = String.raw`(?:pass(?:w(?:or)?d|phrase|wd)?|pwd|token|secret|credentials?|api[-_]?key|access[-_]?key|private[-_]?key|auth(?:orization)?|bearer|key)`;
/** An argument that is a name and a secret, to its end: `--db-password=a b`, `MYSQL_PWD=x`. */
const ASSIGNED = new RegExp(String.raw`^(-{0,2}[\w.-]{0,60}${SECRET}[\w.-]{0,20}[=:])[^]+$`, 'i');
/** An argument of which the next one is a secret: `--password x`. */
const FLAG = new RegExp(String.raw`^-{1,2}[\w.-]{0,40}${SECRET}$`, 'i');
/** The flags of well-known programs that mean a password and do not say so. */
const SHORT_FLAGS: Readonly<Record<string, string>> = {
  sshpass: '-p',
  'redis-cli': '-a',
  mosquitto_pub: '-P',
  mosquitto_sub: '-P',
  ldapsearch: '-w',
  rclone: '-p',
};
const MYSQL = /(?:^|\/)(?:mysql\w{0,10}|mariadb[\w-]{0,10})$/;

/** Replaced in any text, in this order; quantifiers are bounded, since a command line is chosen by a stranger. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@host, https://token@host
  [/([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:@/]{0,80}):[^\s@]{1,200}@/gi, `$1:${MASK}@`],
  [/(https?:\/\/)[^\s:@/]{8,200}@/gi, `$1${MASK}@`],
  // Authorization: Bearer x, Basic x
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, `$1 ${MASK}`],
  // "token":"x", password=x within a longer argument
  [
    new RegExp(String.raw`([\w.-]{0,60}${SECRET}[\w.-]{0,20}["']?\s{0,2}[=:]\s{0,2})("[^"]{0,200}"?|'[^']{0,200}'?|[^\s,;&]{1,200})`, 'gi'),
    `$1${MASK}`,
  ],
  // --password x within a title or a script
  [new RegExp(String.raw`((?:^|\s)-{1,2}[\w-]{0,40}${SECRET})\s+(?!-)("[^"]{0,200}"?|'[^']{0,200}'?|\S{1,200})`, 'gi'), `$1 ${MASK}`],
  // curl -u user:x, within one argument or over two
  [/((?:^|\s)(?:-u|--user)[\s=]{0,2}[^\s:]{1,60}):\S{1,200}/g, `$1:${MASK}`],
];

/**
 * A command line as the report may show it: arguments parted by spaces, values that look like secrets masked, at most 200 characters.
 * Null for a process that has none (a zombie, or memory swapped away).
 */
export function shownCommand(raw: string): string | null {
  // cut first, generously, so that a megabyte of arguments costs nothing; an argument that is cut through is masked all the same
  const whole = raw.slice(0, KEPT * 4).replace(/\0+$/, '');
  const line = maskArguments(whole.split('\0')).join(' ').trim();
  if (line === '') return null;
  const masked = MASKS.reduce((text, [pattern, by]) => text.replace(pattern, by), line);
  return masked.length > KEPT ? `${masked.slice(0, KEPT - 1)}…` : masked;
}

/** Masks whole arguments: a secret may hold blanks. */
function maskArguments(words: readonly string[]): string[] {
  const program = words[0] ?? '';
  const short = SHORT_FLAGS[program.slice(program.lastIndexOf('/') + 1)];
  return words.map((word, index) => {
    const before = index > 0 ? (words[index - 1] ?? '') : '';
    if ((FLAG.test(before) && !word.startsWith('-')) || (short !== undefined && before === short)) return MASK;
    if (short !== undefined && index > 0 && word.startsWith(short) && word !== short) return `${short}${MASK}`;
    if (index > 0 && MYSQL.test(program) && /^-p./.test(word)) return `-p${MASK}`;
    return word.replace(ASSIGNED, `$1${MASK}`);
  });
}
