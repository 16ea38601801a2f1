import { defineFacts } from './fact.js';

/** Monitors of data access; those that reclaim cause reclaim without a shortage. */
export default defineFacts({
  'damon.active': {
    title: 'A monitor of data access (DAMON) runs',
    unit: 'boolean',
    formula: 'state of a kdamond is on, or damon_reclaim, damon_lru_sort or damon_stat is enabled',
    reference: 'https://docs.kernel.org/admin-guide/mm/damon/index.html',
    value: (view) => {
      const { kdamonds, modules } = view.last('damon');
      view.used('/sys/kernel/mm/damon/admin/kdamonds/*/state');
      return kdamonds.some(({ state }) => state === 'on') || Object.values(modules).some(({ enabled }) => /^[Yy1]/.test(enabled ?? ''));
    },
  },
  'damon.reclaims': {
    title: 'Memory that is not used is reclaimed ahead of need (DAMON_RECLAIM)',
    unit: 'boolean',
    formula: 'enabled of /sys/module/damon_reclaim/parameters is Y',
    validity: 'kdamonds with a scheme of their own may reclaim as well',
    reference: 'https://docs.kernel.org/admin-guide/mm/damon/reclaim.html',
    value: (view) => {
      const { modules } = view.last('damon');
      view.used('/sys/module/damon_reclaim/parameters/enabled');
      return /^[Yy1]/.test(modules['damon_reclaim']?.['enabled'] ?? '');
    },
  },
});
