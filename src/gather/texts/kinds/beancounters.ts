import { defineText, oneSample } from '../kind.js';
import { run } from '../shape.js';

const HEAD = /^\s*(?:Version: \d[\d.]{0,8}|uid\s+resource\s+held\s+maxheld\s+barrier\s+limit\s+failcnt)\s*$/;
const ROW = /^\s*(?:(\d{1,12}):\s+)?([a-z]{5,16})\s+(\d{1,20})\s+(\d{1,20})\s+(\d{1,20})\s+(\d{1,20})\s+(\d{1,20})\s*$/;
const NAMES: ReadonlySet<string> = new Set(
  'kmemsize lockedpages privvmpages shmpages dummy numproc physpages vmguarpages oomguarpages numtcpsock numflock numpty numsiginfo tcpsndbuf tcprcvbuf othersockbuf dgramrcvbuf numothersock dcachesize numfile numiptent swappages'.split(
    ' ',
  ),
);
const PAGE = 4096;
/** No limit is written as the largest number of the kernel, in pages or not. */
const UNLIMITED = 2 ** 51;

/**
 * The accounts of an OpenVZ container, in pages of 4 KiB. What binds it is `physpages`, RAM and page cache, where that has a limit,
 * else `privvmpages`, what its programs have asked for; a failure of either is a limit that was met, one of `oomguarpages` a kill.
 */
export default defineText({
  title: '/proc/user_beancounters',
  docs: 'https://wiki.openvz.org/UBC_parameters_table',
  origin: 'kernel',
  hint: /user_beancounters/,
  span: (lines, at) => {
    const length = run(lines, at, (line) => HEAD.test(line) || NAMES.has(ROW.exec(line)?.[2] ?? ''));
    return lines.slice(at, at + length).some((line) => /^(?:privvmpages|physpages)$/.test(ROW.exec(line)?.[2] ?? '')) ? length : 0;
  },
  read: (lines) => {
    const files = new Map<string, string>();
    let id = '0';
    const rows = new Map<string, Map<string, { held: number; peak: number; limit: number; failed: number }>>();
    for (const line of lines) {
      const [, uid, name = '', held, peak, , limit, failed] = ROW.exec(line) ?? [];
      if (name === '') continue;
      id = uid ?? id;
      const own = rows.get(id) ?? new Map<string, { held: number; peak: number; limit: number; failed: number }>();
      rows.set(id, own.set(name, { held: Number(held), peak: Number(peak), limit: Number(limit), failed: Number(failed) }));
    }
    for (const [uid, own] of rows) {
      const bound = [own.get('physpages'), own.get('privvmpages')].find(
        (row) => row !== undefined && row.limit > 0 && row.limit < UNLIMITED,
      );
      if (bound === undefined) continue;
      const kills = own.get('oomguarpages')?.failed ?? 0;
      const path = `sys/fs/cgroup/openvz/${uid}`;
      files.set(`${path}/memory.current`, `${bound.held * PAGE}\n`);
      files.set(`${path}/memory.peak`, `${bound.peak * PAGE}\n`);
      files.set(`${path}/memory.max`, `${bound.limit * PAGE}\n`);
      files.set(`${path}/memory.events`, `max ${bound.failed}\noom_kill ${kills}\n`);
    }
    return files.size === 0 ? [] : oneSample(files);
  },
});
