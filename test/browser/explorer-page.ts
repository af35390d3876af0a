import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { addressOf } from '../../explorer/src/state/address'
import { DEFAULTS, type Settings } from '../../explorer/src/state/settings'

/** What axe-core says of one rule that is broken. */
interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

export interface Visited {
  readonly page: Page
  /** Errors of the console and of scripts. */
  readonly wrong: string[]
}

/** Opens the page and waits until it shows a model, or what is wrong with it. */
export async function openExplorer(
  browser: Browser,
  address: string,
  settings: Partial<Settings> = {},
  options: BrowserContextOptions = {},
): Promise<Visited> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text())
  })
  page.on('pageerror', (error) => wrong.push(String(error)))
  await page.goto(`${address}#${await addressOf({ ...DEFAULTS, ...settings })}`)
  await settled(page)
  return { page, wrong }
}

/** Waits until nothing is being compiled. */
export const settled = async (page: Page): Promise<void> => {
  await page.waitForSelector('.state[data-busy=false]')
}

/** Replaces the text of the editor as a user would, and waits for what comes of it. */
export async function write(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(text)
  // The worker gets it when nothing has been typed for a moment.
  await page.waitForTimeout(300)
  await settled(page)
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The rules for accessible pages that this one breaks, each with the elements that do. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const found = await page.evaluate<readonly Violation[]>(
    'axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations)',
  )
  return found.flatMap(({ id, nodes }) => nodes.map((n) => `${id}: ${n.html.slice(0, 200)} ${n.failureSummary ?? ''}`))
}

/** Lines that are lit in the editor, by number. */
export const litLines = (page: Page): Promise<number[]> =>
  page.evaluate<number[]>(
    `[...document.querySelectorAll('.cm-line')].flatMap((l, i) => (l.matches('.line-lit, .line-picked') ? [i + 1] : []))`,
  )
const texts = (page: Page, selector: string): Promise<string[]> =>
  page.evaluate<string[]>(
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map((e) => e.getAttribute('aria-label') ?? e.textContent.trim())`,
  )
export const litNodes = (page: Page): Promise<string[]> => texts(page, '.canvas .node[data-lit=true]')
export const litKernels = (page: Page): Promise<string[]> => texts(page, '.stretch[data-lit=true]')
