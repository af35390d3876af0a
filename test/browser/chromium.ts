import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Starts the browser of the system, or the one that CHROMIUM_PATH names. */
export async function startChromium(): Promise<Browser> {
  const named = process.env['CHROMIUM_PATH']
  const executablePath = named ?? PATHS.find(existsSync)
  if (executablePath === undefined || !existsSync(executablePath))
    throw new Error(
      named === undefined
        ? `no browser: install Chromium (apt-get install chromium), or say where it is in CHROMIUM_PATH; looked for ${PATHS.join(', ')}`
        : `no browser: CHROMIUM_PATH is ${named}, where there is no file`,
    )
  // Containers seldom let the sandbox have what it needs; the pages are our own.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] })
}
