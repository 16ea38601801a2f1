import type { Names } from './names.js';
import { cgroupPath, containerName, partName, pathName, podName, userNumber } from './paths.js';
import { isPublic, processName } from './processes.js';
import { isVocabulary } from './vocabulary.js';
import { DEVICE, FILE_SYSTEMS } from './well-known.js';

/** More of a text than this is not kept: reading it costs time. */
const MOST = 20_000;

/** How lines of the kernel and of the programs that kill name a process: what stands before, the name, what stands after. */
const PROCESS_FORMS: readonly RegExp[] = [
  /(\b(?:process|task|pid|Process|Task|PID) \d{1,10} \()(.{1,64}?)(\)[\s,:;.]|\)$)/g,
  /(\btask=)([^,]{1,64})(,pid=)/g,
  /(\bComm: )(\S{1,64})(\s|$)/g,
  /((?:^|\] ))([^[\]]{1,64}?)( invoked oom-killer)/g,
  /((?:^|\] ))([^[\]:]{1,64})(: page allocation (?:failure|stalls))/g,
  /(\bprocess \d{1,10} (?:uid \d{1,10} )?")([^"]{1,64})(")/g,
  /(\btask )([^:]{1,64})(:\d{1,10} blocked)/g,
];
/** And how they name a cgroup. */
const CGROUP_FORMS: readonly RegExp[] = [
  /(\b(?:oom_memcg|task_memcg|cpuset)=)([^,\s]{1,4096})/g,
  /(\b(?:Task in|limit of|stats for|in cgroup|oomd killed) )(\/[^\s:]{0,4096})/g,
];
const USER = /(\b(?:uid|UID|euid|gid|auid)[:= ]{1,2})(\d{1,10})\b/g;

const UNITS_OF = '(?:[kKMGTP]?i?B|[kKMGTP]|pages?|kB/s|ms|us|ns|s|%|x|Hz|MHz|GHz)?';
/** A number with its unit, an address of memory, a range of them, a time, a version. */
const NUMERIC = new RegExp(
  String.raw`^[-+~]?(?:\d{1,20}(?:[.,:/-]\d{1,20}){0,6}${UNITS_OF}|0x[0-9a-f]{1,16}(?:-0x[0-9a-f]{1,16})?|[0-9a-f]{1,8}|\d{1,10}[a-z]{1,2}\d{0,4})$`,
  'i',
);
const UUID = /^[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}$/i;
const LONG_HEX = /^[0-9a-f]{12,128}$/i;
const PCI = /^(?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/i;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5}|\/\d{1,2})?$/;
const IPV6 = /^\[?(?:[0-9a-f]{0,4}:){2,8}[0-9a-f]{0,4}(?:%\w{1,16})?\]?(?::\d{1,5}|\/\d{1,3})?$/i;
const MAC = /^(?:[0-9a-f]{2}[:-]){5,19}[0-9a-f]{2}$/i;
const CLOCK = /^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?$/;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?$/;
const URL = /^[a-z][a-z0-9+.-]{1,20}:\/\//i;
/** What hugs a word and is none of it. */
const HUGGED = /^([("'`<[{‘“,;:=]*)([^]*?)([)"'`>\]},;:.!?’”…=]*)$/;

/**
 * Free text with every word replaced that is neither of the vocabulary nor a number. Names that are known have their
 * pseudonyms; `kept` are those that stay (the release of the kernel).
 */
export function redactText(text: string, names: Names, kept: ReadonlySet<string>): string {
  let line = text.slice(0, MOST);
  // made first, with marks about them that no word of a host can have left in: they are not read again
  const made: string[] = [];
  const keep = (value: string): string => `\uE000${made.push(value) - 1}\uE001`;
  line = line.replaceAll(/[\uE000\uE001]/g, ' ');
  for (const form of PROCESS_FORMS)
    line = line.replaceAll(
      form,
      (_, before: string, name: string, after: string) => before + keep(processName(name.trim(), names)) + after,
    );
  for (const form of CGROUP_FORMS)
    line = line.replaceAll(form, (_, before: string, path: string) => before + keep(cgroupPath(path, names)));
  line = line.replaceAll(USER, (_, before: string, uid: string) => before + keep(String(userNumber(Number(uid), names))));
  return line
    .split(/(\s+)/)
    .map((word) => (word.trim() === '' ? word.replaceAll(/[^\S\n]/g, ' ') : hugged(word, names, kept)))
    .join('')
    .replaceAll(/\uE000(\d{1,6})\uE001/g, (_, index: string) => made[Number(index)] ?? '');
}

function hugged(word: string, names: Names, kept: ReadonlySet<string>): string {
  const [, before = '', core = word, after = ''] = HUGGED.exec(word) ?? [];
  return before + wordName(core, names, kept) + after;
}

/** One word without blanks. */
function wordName(word: string, names: Names, kept: ReadonlySet<string>): string {
  if (word === '' || kept.has(word) || word.includes('\uE000')) return word.includes('\uE000') ? aroundMade(word, names, kept) : word;
  const host = names.known(word, 'hosts');
  if (host !== undefined) return host;
  if (URL.test(word)) return names.of('addresses', word, (number) => `url-${number}`);
  if (CLOCK.test(word) || ISO_TIME.test(word) || PCI.test(word)) return word;
  if (IPV4.test(word) || MAC.test(word) || (IPV6.test(word) && /::|(?:[^:]*:){7}/.test(word))) return names.of('addresses', word);
  if (UUID.test(word))
    return names.known(word.replaceAll(/[-_]/g, ''), 'pods') === undefined ? names.of('ids', word) : podName(word, names);
  if (LONG_HEX.test(word) && !/^\d{1,20}$/.test(word)) return containerName(word, names);
  if (/^[^@\s]{1,64}@[^@\s]{1,255}$/.test(word) && !/\.(?:service|slice|scope|socket)$/.test(word))
    return names.of('addresses', word, (number) => `mail-${number}`);
  if (NUMERIC.test(word)) return word;
  if (word.includes('/')) return pathName(word, names);
  if (/\.(?:service|scope|slice|socket|mount|swap)$/.test(word)) return partName(word, names, 'units');
  const named = names.known(word, 'processes', 'cgroups', 'paths', 'units', 'containers', 'users', 'words');
  if (named !== undefined) return named;
  if (isPublic(word) || DEVICE.test(word) || FILE_SYSTEMS.has(word) || isVocabulary(word)) return word;
  return inParts(word, names, kept) ?? names.of('words', word);
}

/** A word of several that the kernel joins: `order=3`, `oom-kill:constraint=X`, `sda:`; each part by itself. */
function inParts(word: string, names: Names, kept: ReadonlySet<string>): string | null {
  const parts = word.split(/([=,;:|()[\]{}<>"'+*&!?#$%\\^`~]+)/);
  if (parts.length < 2 || parts.length > 400) return null;
  return parts.map((part, index) => (index % 2 === 1 ? part : wordName(part, names, kept))).join('');
}

const aroundMade = (word: string, names: Names, kept: ReadonlySet<string>): string =>
  word
    .split(/(\uE000\d{1,6}\uE001)/)
    .map((part, index) => (index % 2 === 1 ? part : wordName(part.replaceAll(/[\uE000\uE001]/g, ''), names, kept)))
    .join('');
