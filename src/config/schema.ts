import { type Infer, list, map, number, oneOf, row, text } from '../json-schema.js';
import { SEVERITIES } from '../rules/rule.js';

/** `memdoctor.config.json`: found upwards from the working directory, or given by --config. */
export const configSchema = row(
  {},
  {
    $schema: text(),
    packs: list(text(), 'folders and files (relative to this file), and npm packages memdoctor-rules-*'),
    disable: list(text(), 'ids of rules to leave out'),
    params: map(map({ type: ['number', 'string', 'boolean'] } as const), 'by rule and param: {"swap-full": {"warning": 95}}'),
    severity: map(
      {
        description: 'whatever level holds, this severity; or by level: {"critical": "warning"}; off leaves the rule out',
        anyOf: [oneOf([...SEVERITIES, 'off']), map(oneOf(SEVERITIES))],
      } as const,
      'by rule',
    ),
    report: row(
      {},
      {
        format: oneOf(['html', 'md', 'text', 'json', 'ndjson']),
        top: { ...number('rows in the tables'), minimum: 1 } as const,
        failOn: oneOf(['notice', 'warning', 'critical']),
        color: oneOf(['auto', 'always', 'never']),
      },
      'what the options of the same names are when they are not given',
    ),
  },
  'How memdoctor is set up here.',
);

/** The configuration as its file has it. */
export type ConfigFile = Infer<typeof configSchema>;
