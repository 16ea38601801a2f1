import { map, text } from '../../json-schema.js';
import { defineSource } from '../source.js';

const NAMES = `aio-max-nr aio-nr epoll/max_user_watches file-max inotify/max_queued_events inotify/max_user_instances
  inotify/max_user_watches mqueue/msg_max mqueue/msgsize_max mqueue/queues_max nr_open pipe-max-size pipe-user-pages-hard
  pipe-user-pages-soft`.split(/\s+/);

/** How many kernel objects users may make by way of files, by name, as text. */
export default defineSource({
  title: '/proc/sys/fs',
  docs: 'https://docs.kernel.org/admin-guide/sysctl/fs.html',
  reads: NAMES.map((name) => `proc/sys/fs/${name}`),
  cadence: 'first',
  schema: map(text(), 'values by name'),
  parseFiles: (files) => Object.fromEntries([...files].map(([path, value]) => [path.replace('proc/sys/fs/', ''), value.trim()])),
});
