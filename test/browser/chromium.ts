/** A headless Chromium for the tests, where there is one. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** False, and one line that says so, where there is no Chromium: the tests in it are then skipped. */
export const hasChromium = existsSync(EXECUTABLE);
if (!hasChromium)
  process.stderr.write(`skipped: the tests in a browser need Chromium: there is none at ${EXECUTABLE} (CHROMIUM=… names another)\n`);

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox', '--disable-gpu'] });
