import type { SourceData } from '../../gather/snapshot.js';
import { defineTool, lastOf, notGathered } from './tool.js';

type Stall = NonNullable<SourceData<'pressure'>['memory']>['some'];
const RESOURCES = ['cpu', 'io', 'memory'] as const;

/** As the kernel prints it. */
export default defineTool({
  place: 34,
  command: 'head /proc/pressure/*',
  title: 'pressure stall information',
  table: (snapshot) => {
    const pressure = lastOf(snapshot, 'pressure');
    if (!pressure) return notGathered(snapshot, 'pressure', 'head /proc/pressure/*', ' (Linux 4.20 and later, psi=1)');
    return {
      lines: RESOURCES.flatMap((name) => {
        const resource = pressure[name];
        if (!resource) return [];
        return [`==> /proc/pressure/${name} <==`, line('some', resource.some), ...(resource.full ? [line('full', resource.full)] : [])];
      }),
      notes: ['avg10, avg60 and avg300 are shares in percent, total is microseconds; stalls of control groups at their limit are in it.'],
    };
  },
});

const line = (kind: string, { avg10, avg60, avg300, total }: Stall): string =>
  `${kind} avg10=${avg10.toFixed(2)} avg60=${avg60.toFixed(2)} avg300=${avg300.toFixed(2)} total=${Math.round(total * 1e6)}`;
