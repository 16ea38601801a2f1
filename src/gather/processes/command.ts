const KEPT = 200;
const MASK = '***';

const SECRET = String.raw`(?:pass(?:w(?:or)?d|phrase|wd)?|pwd|token|secret|credentials?|api[-_]?key|access[-_]?key|private[-_]?key|auth(?:orization)?|bearer|cookie|session[-_]?id|signature|jwt|otp|psk|dsn|connection[-_]?string|key)`;
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
  mongo: '-p',
  mongosh: '-p',
  mongodump: '-p',
  ldapsearch: '-w',
  rclone: '-p',
};
const MYSQL = /(?:^|\/)(?:mysql\w{0,10}|mariadb[\w-]{0,10})$/;

/** The same programs within a title or a script. */
const SHORT: readonly (readonly [RegExp, string])[] = Object.entries(SHORT_FLAGS).map(([program, flag]) => [
  new RegExp(String.raw`((?:^|[\s/;|&])${program}(?:\s[^\s|;&]{1,100}){0,20}?\s${flag}\s{0,2})[^\s'"]{1,200}`, 'g'),
  `$1${MASK}`,
]);

/** Replaced in any text, in this order; quantifiers are bounded, since a command line is chosen by a stranger. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  ...SHORT,
  // scheme://user:password@host: a password may hold an @ itself; https://token@host
  [/([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:@/]{0,80}):\S{1,300}@/gi, `$1:${MASK}@`],
  [/(https?:\/\/)[^\s:@/]{8,200}@/gi, `$1${MASK}@`],
  // tokens that are told by their form: AWS, JWT, GitHub, GitLab, Slack, OpenAI and alike, Google, npm, SendGrid, a PEM key
  [/\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{12,40}/g, MASK],
  [/\beyJ[\w-]{6,800}(?:\.[\w-]{0,800}){1,4}/g, MASK],
  [
    /\b(?:gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|sk-|[prs]k_live_|rk_test_|sk_test_|AIza|npm_|SG\.|hf_|dop_v1_|hvs\.|shpat_|pypi-)[\w.-]{10,255}/g,
    MASK,
  ],
  [/-----BEGIN[^]{0,800}/g, MASK],
  // mysql -psecret, in a title or a script
  [/(\b(?:mysql|mariadb)[\w-]{0,20}(?:\s[^\s|;&]{1,100}){0,20}?\s-p)[^\s'"]{1,200}/g, `$1${MASK}`],
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
  // user:password@host without a scheme
  [/((?:^|[\s=,'"])[\w.%+-]{1,60}):[^\s:@/]{1,200}@(?=[\w[])/g, `$1:${MASK}@`],
];

/** Long enough to be a key, of characters that keys are written in. */
const OPAQUE = /[\w+-]{32,1000}={0,2}|[\w+/-]{40,1000}={1,2}/g;
const IDENTIFIER = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Masks what looks like a key for no other reason than its form: 32 hexadecimal digits or more, or so many of base64 with small and
 * capital letters and digits. The id of a container, after `-id` or in a path, stays: it tells whose process it is.
 */
function maskOpaque(text: string): string {
  return text.replaceAll(OPAQUE, (word, at: number) => {
    if (IDENTIFIER.test(word) || /(?:\bid[\s=]|\/)$/.test(text.slice(Math.max(0, at - 4), at))) return word;
    const hexadecimal = /^[0-9a-f]{32,}$/i.test(word) && /[a-f]/i.test(word) && /\d/.test(word);
    return hexadecimal || (/[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word)) ? MASK : word;
  });
}

/** Any text with what looks like a secret in it masked. */
export const maskSecrets = (text: string): string => maskOpaque(MASKS.reduce((masked, [pattern, by]) => masked.replace(pattern, by), text));

/**
 * A command line as the report may show it: arguments parted by spaces, values that look like secrets masked, at most 200 characters.
 * Null for a process that has none (a zombie, or memory swapped away).
 */
export function shownCommand(raw: string): string | null {
  // cut first, generously, so that a megabyte of arguments costs nothing; an argument that is cut through is masked all the same
  const whole = raw.slice(0, KEPT * 4).replace(/\0+$/, '');
  const line = maskArguments(whole.split('\0')).join(' ').trim();
  if (line === '') return null;
  const masked = maskSecrets(line);
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
