import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildExplorer } from '../../explorer/build'
import { serveFolder, type StaticServer } from '../../explorer/serve'
import { pack } from '../../explorer/src/state/packed-text'
import { startChromium } from './chromium'

let browser: Browser
let folder: string
let server: StaticServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'explorer-'))
  await buildExplorer(folder)
  server = await serveFolder(folder)
  browser = await startChromium()
}, 300_000)
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await rm(folder, { recursive: true, force: true })
})

/** The training panel of a page, once it has loaded its model or said why not. */
async function panel(query: string, address = server.address): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } })
  await page.goto(`${address}#${query}&tab=train`)
  await page.locator('.training:is([data-phase=ready], [data-phase=broken])').waitFor({ timeout: 60_000 })
  return page
}

const figure = async (page: Page, name: string): Promise<number> => {
  const text = await page.locator('.train-figures div', { hasText: name }).first().locator('dd').innerText()
  return Number(text.replace(/[,%]/g, ''))
}
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const isAt = (page: Page, steps: number) =>
  expect.poll(() => figure(page, 'Step'), { timeout: 60_000 }).toBeGreaterThan(steps)
const trainingWorkers = (page: Page) => page.workers().length

describe.each([
  ['spirals', 'Decision surface', 500],
  ['mlp', 'Held-out digits', 300],
  ['forecast', 'Forecast', 200],
])('the model %s in the training panel', (model, view, steps) => {
  it.each(['js', 'wasm'])('learns on %s', async (target) => {
    const page = await panel(`model=${model}`)
    await page.locator('.train-controls .segments').getByText(target, { exact: true }).click()
    await press(page, 'Step')
    await isAt(page, 0)
    const before = await figure(page, 'Loss')
    await press(page, 'Start')
    await isAt(page, steps)
    await press(page, 'Pause')
    expect(await figure(page, 'Loss')).toBeLessThan(0.95 * before)
    const shown = page.getByRole('region', { name: new RegExp(view) })
    await expect
      .poll(() => shown.locator('[role=img]').first().getAttribute('aria-label'))
      .toMatch(/held-out|taken for|wrong by/)
    expect(await page.locator('.train-histograms [role=img]').count()).toBeGreaterThan(4)
    await page.close()
  })
})

describe('the training panel', () => {
  it('measures at full speed, beside what Node did where the page was built', async () => {
    const page = await panel('model=mlp')
    await press(page, 'Measure')
    const table = page.locator('.train-rates table')
    await expect.poll(() => table.innerText(), { timeout: 60_000 }).not.toMatch(/…|–/)
    const rates = (await table.locator('tbody tr').allInnerTexts()).map((row) => row.split('\t'))
    const node = JSON.parse(await readFile(join(folder, 'data/node-rate.json'), 'utf8')) as {
      node: string
      cpu: string
    }
    for (const [name, js, wasm] of rates) console.log(`${name}: ${js} steps/s on js, ${wasm} on wasm`)
    console.log(`Node ${node.node} on ${node.cpu}, Chromium ${browser.version()}`)
    expect(rates.map(([name]) => name)).toEqual(['This model, in this page', 'W1, in this page', 'W1, in Node'])
    for (const row of rates) for (const rate of row.slice(1)) expect(Number(rate.replace(/,/g, ''))).toBeGreaterThan(0)
    expect(await page.locator('.train-rates').innerText()).toContain(`Node ${node.node} on ${node.cpu}`)
    await page.close()
  })

  it('goes on training when the text has changed, and ends its worker when it is closed', async () => {
    const page = await panel('model=spirals')
    await press(page, 'Start')
    await isAt(page, 100)
    await page.locator('header select').first().selectOption('forecast')
    await page.getByRole('region', { name: /Forecast/ }).waitFor()
    await isAt(page, 10)
    const before = trainingWorkers(page)
    await page.getByRole('tab', { name: 'Kernels' }).click()
    await expect.poll(() => trainingWorkers(page)).toBe(before - 1)
    await page.close()
  })

  it('says what a model lacks', async () => {
    const page = await panel('model=attention')
    const said = page.locator('.training [role=alert]')
    expect(await said.innerText()).toMatch(/cannot be trained here[^]*x: float32\[B, 16, 32\][^]*two spirals/)
    expect(await page.getByRole('button', { name: 'Start', exact: true }).isDisabled()).toBe(true)
    await page.close()
  })

  it('stops a model that does not end', async () => {
    const text = encodeURIComponent(await pack('for (;;) {}'))
    const page = await panel(`text=${text}`)
    expect(await page.locator('.training [role=alert]').innerText()).toContain('did not end within 8 seconds')
    await page.close()
  })

  it('pauses where the loss is no number, with a hint', async () => {
    const text = await readFile(new URL('../../explorer/src/models/mlp.ts', import.meta.url), 'utf8')
    const page = await panel(
      `text=${encodeURIComponent(await pack(text.replace('learningRate: 0.1', 'learningRate: 1e30')))}`,
    )
    await press(page, 'Start')
    const said = page.locator('.training [role=alert]')
    await said.waitFor()
    expect(await said.innerText()).toMatch(/loss of step \d+ is (NaN|Infinity)[^]*guard: true/)
    await page.close()
  })
})

describe('under a policy without code from strings', () => {
  const POLICY =
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
  let strict: StaticServer
  beforeAll(async () => void (strict = await serveFolder(folder, { headers: { 'Content-Security-Policy': POLICY } })))
  afterAll(() => strict.close())

  it('built-in models train on WebAssembly, and the panel says why not on JavaScript', async () => {
    const page = await panel('model=spirals', strict.address)
    const js = page.locator('.train-controls .segments label', { hasText: 'js' })
    expect(await js.locator('input').isDisabled()).toBe(true)
    expect(await js.getAttribute('title')).toContain('forbids code from strings')
    await press(page, 'Start')
    await isAt(page, 300)
    await press(page, 'Pause')
    expect(await figure(page, 'Loss')).toBeLessThan(0.6)
    await page.close()
  })

  it('a text is refused, with the reason', async () => {
    const page = await panel(`text=${encodeURIComponent(await pack('export const a = 1'))}`, strict.address)
    expect(await page.locator('.training [role=alert]').innerText()).toContain('forbids it to run text')
    await page.close()
  })
})
