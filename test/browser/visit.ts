import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { PageOptions, Server } from './server'

/** What the script of a page reported, and all that was said on its console. */
export interface Visit<T> {
  readonly page: Page
  readonly result: T
  /** Texts of the library on the console. */
  readonly said: readonly string[]
}

const MARK = 'reported '

/** Opens a page, waits until its script has called `report`, and gives what it reported. */
export async function visit<T>(
  browser: Browser | BrowserContext,
  server: Server,
  script: string,
  options: PageOptions = {},
): Promise<Visit<T>> {
  const page = await browser.newPage()
  const said: string[] = []
  const result = await new Promise<T>((resolve, reject) => {
    // On the console, because a strict policy leaves no other way out; asking by evaluation would lift the policy.
    page.on('console', (message) => {
      const text = message.text()
      if (text.startsWith(MARK)) resolve(JSON.parse(text.slice(MARK.length)) as T)
      else if (text.startsWith('gradloom:')) said.push(text)
    })
    page.on('pageerror', reject)
    page.on('response', (response) => {
      const isMissed = !response.ok() && !response.url().endsWith('/favicon.ico')
      if (isMissed) reject(new Error(`${script}: ${response.url()} answered ${response.status()}`))
    })
    page.on('crash', () => reject(new Error(`${script}: the page has crashed`)))
    page.goto(server.page(script, options), { waitUntil: 'commit' }).catch(reject)
  })
  return { page, result, said }
}

/** Called by the script of a page. */
export function report(value: unknown): void {
  console.log(MARK + JSON.stringify(value))
}
