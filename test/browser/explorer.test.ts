import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildExplorer } from '../../explorer/build'
import { serveFolder, type StaticServer } from '../../explorer/serve'
import { DEFAULTS } from '../../explorer/src/state/settings'
import { startChromium } from './chromium'
import { CHAIN, DEEP, ENDLESS, WRONG } from './explorer-models'
import { litKernels, litLines, litNodes, openExplorer, settled, violations, write } from './explorer-page'

/** Pictures of the main states, for people. */
const PICTURES = fileURLToPath(new URL('out/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gradloom-explorer-'))
let browser: Browser
let server: StaticServer
beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true })
  await buildExplorer(folder)
  // The page has to work wherever it is put.
  server = await serveFolder(folder, { base: '/some/where/' })
  browser = await startChromium()
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await server?.close()
  rmSync(folder, { recursive: true })
})

const open = (...given: [settings?: object, options?: object]) => openExplorer(browser, server.address, ...given)
const picture = (page: Page, name: string) => page.screenshot({ path: join(PICTURES, `${name}.png`) })
const nodeCount = (page: Page) => page.locator('.canvas .node').count()
/** How many tensors the graph has, shown or not. */
async function tensorCount(page: Page): Promise<number> {
  const label = await page.locator('.canvas').getAttribute('aria-label')
  return Number(/boxes for (\d+)/.exec(label!)![1])
}

describe('the explorer', () => {
  it('shows a model, its graph and its code, and says nothing on the console', async () => {
    const { page, wrong } = await open()
    await page.waitForSelector('.cm-content')
    expect(await nodeCount(page)).toBeGreaterThan(20)
    expect(await page.locator('.listing .kernel').count()).toBeGreaterThan(5)
    expect(await page.locator('.listing').innerText()).toContain('function compute_logits(')
    expect(wrong).toEqual([])
    await picture(page, 'light')
    await page.close()
  })

  it('loads in less than 500 KB, compressed, without the editor', () => {
    const files = readdirSync(join(folder, 'assets')).filter(
      (name) => !/^(?:code-mirror|panel|trainer-worker)-/.test(name),
    )
    const sizes = files.map((name) => gzipSync(readFileSync(join(folder, 'assets', name))).length)
    const total = sizes.reduce((sum, size) => sum + size, 0)
    console.log(`explorer, first load: ${(total / 1000).toFixed(0)} KB compressed`)
    expect(files.some((name) => name.startsWith('worker-'))).toBe(true)
    expect(total).toBeLessThan(500_000)
  })

  it('follows the text while it is edited', async () => {
    const { page } = await open()
    await write(page, DEFAULTS.text.replaceAll('32', '48'))
    await expect.poll(() => page.locator('.listing').innerText()).toContain('j < 48')
    await page.close()
  })

  it('lights up in two views what is pointed at in the third', async () => {
    const { page } = await open()
    const line = DEFAULTS.text.split('\n').findIndex((l) => l.includes("named('z1'")) + 1
    await page
      .locator('.cm-line')
      .nth(line - 1)
      .hover()
    await expect.poll(() => litNodes(page)).toContainEqual(expect.stringContaining('hidden/z1'))
    expect(await litKernels(page)).toContainEqual(expect.stringContaining('compute_hidden_h'))
    expect(await litKernels(page)).toContainEqual(expect.stringContaining('update_W1'))
    expect(await litLines(page)).toEqual([line])

    await page.getByRole('button', { name: 'Fit' }).click()
    await page.locator('.canvas .node', { hasText: 'hidden/z1 ' }).first().hover()
    await expect.poll(() => litLines(page)).toEqual([line])
    expect(await litKernels(page)).toEqual([expect.stringContaining('compute_hidden_h')])

    await page.locator('.stretch.kernel').first().locator('code').hover()
    await expect.poll(() => litLines(page)).toEqual([line, line + 1])
    expect(await litNodes(page)).toContainEqual(expect.stringContaining('hidden/h'))

    // A click keeps it, wherever the pointer goes; what belongs to it comes into sight.
    await page.locator('.details .row', { hasText: 'd_W2' }).first().click()
    await page.locator('h1').hover()
    await expect
      .poll(() => page.locator('.stretch[data-picked=true]').getAttribute('aria-label'))
      .toContain('update_W2')
    const kernel = page.locator('.stretch[data-picked=true]')
    await expect.poll(async () => (await kernel.boundingBox())!.y).toBeLessThan(600)
    await picture(page, 'linked')
    await page.close()
  })

  it('has switches for stage, fusion, passes, schedule, target, entry and sizes', async () => {
    const { page } = await open({ model: 'cnn' })
    const kernels = () => page.locator('.listing .kernel').count()
    const fused = await kernels()
    await page.getByLabel('Fused').click()
    await expect.poll(kernels).toBeGreaterThan(fused)
    await page.getByLabel('Fused').click()
    await expect.poll(kernels).toBe(fused)
    await page.getByText('WebAssembly').click()
    await expect.poll(() => page.locator('.listing').innerText()).toContain('(func $')
    await page.getByText('Fast', { exact: true }).click()
    await expect.poll(() => page.locator('.listing').innerText()).toContain('v128.load')
    await page.getByText('JavaScript', { exact: true }).click()
    await page.getByText('Plain', { exact: true }).click()
    await page.getByText('Kernels', { exact: true }).first().click()
    await expect.poll(() => page.locator('.canvas .node.kernel').count()).toBe(fused)
    await page.getByLabel('B', { exact: true }).fill('7')
    await page.getByLabel('B', { exact: true }).press('Enter')
    await expect.poll(() => page.locator('.listing').innerText()).toContain('float32[7, 30, 30, 1]')
    await page.getByLabel('Entry').selectOption('net.predict')
    await expect.poll(kernels).toBeLessThan(fused / 2)
    await page.getByRole('tab', { name: 'Passes' }).click()
    const before = await kernels()
    await page.getByLabel('inline').click()
    await expect.poll(kernels).toBeGreaterThan(before)
    await page.close()
  })

  it('shows an error at its line, in full, and keeps the last good result', async () => {
    const { page } = await open()
    const before = await nodeCount(page)
    await write(page, WRONG)
    await expect.poll(() => page.locator('.fault').innerText()).toContain('Error in line 6')
    expect(await page.locator('.fault').innerText()).toMatch(/operand 1: .*\n.*operand 2: /)
    expect(await page.locator('.fault').getAttribute('aria-live')).toBe('polite')
    const marked = await page.locator('.cm-line', { has: page.locator('.cm-lintRange-error') }).allInnerTexts()
    expect(marked).toEqual(['    outputs: { y: matmul(x, x) },'])
    expect(await nodeCount(page)).toBe(before)
    expect(await page.locator('main').getAttribute('data-stale')).toBe('true')
    await picture(page, 'error')
    await write(page, DEFAULTS.text)
    await expect.poll(() => page.locator('.fault').innerText()).toBe('')
    await page.close()
  })

  it('finds what only the engine sees to be wrong', async () => {
    const { page } = await open()
    await write(page, 'const twice = 1\n\nconst twice = 2\n')
    await expect.poll(() => page.locator('.fault').innerText()).toMatch(/Error in line 3[^]*already been declared/)
    await page.close()
  })

  it('stops a model that does not end, and goes on', async () => {
    const { page } = await open()
    await page.locator('.cm-content').click()
    await page.keyboard.press('Control+A')
    await page.keyboard.insertText(ENDLESS)
    await expect.poll(() => page.locator('.fault').innerText(), { timeout: 20_000 }).toContain('loop without end')
    await write(page, DEFAULTS.text)
    await expect.poll(() => page.locator('.fault').innerText()).toBe('')
    await page.close()
  })

  it('is shared as a link', async () => {
    const { page } = await open({ stage: 'kernels', schedule: 'fast', target: 'wasm', tab: 'memory' })
    await write(page, `${DEFAULTS.text}// mine\n`)
    await expect.poll(() => page.url()).toContain('text=')
    const address = page.url()
    await page.close()
    const context = await browser.newContext()
    const other = await context.newPage()
    await other.goto(address)
    await settled(other)
    await expect.poll(() => other.locator('.cm-content').innerText()).toContain('// mine')
    expect(await other.locator('.listing').innerText()).toContain('v128')
    expect(await other.getByRole('tab', { name: 'Memory' }).getAttribute('aria-selected')).toBe('true')
    expect(await other.locator('.canvas .node.kernel').count()).toBeGreaterThan(5)
    await context.close()
  })

  it('goes by the keyboard', async () => {
    const { page } = await open()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to graph')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('graph')
    await page.locator('.canvas .node', { hasText: 'hidden/z1 ' }).first().focus()
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.evaluate<string>('document.activeElement.textContent')).toContain('hidden/h')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.getAttribute("aria-pressed")')).toBe('true')
    expect(await litKernels(page)).toContainEqual(expect.stringContaining('compute_hidden_h'))
    await page.keyboard.press('Escape')
    await expect.poll(() => litKernels(page)).toEqual([])
    await page.close()
  })
})

describe('large graphs', () => {
  it('of some 300 boxes are there at once', async () => {
    const { page } = await open()
    await page.evaluate('performance.mark("start")')
    const { addressOf } = await import('../../explorer/src/state/address')
    await page.evaluate(`location.hash = ${JSON.stringify(await addressOf({ ...DEFAULTS, model: '', text: CHAIN }))}`)
    await expect.poll(() => tensorCount(page), { interval: 10 }).toBeGreaterThan(250)
    const took = await page.evaluate<number>('performance.measure("all", "start").duration')
    console.log(
      `explorer, a chain with its gradient: ${await nodeCount(page)} boxes for ${await tensorCount(page)} tensors after ${took.toFixed(0)} ms`,
    )
    expect(await nodeCount(page)).toBeGreaterThan(20)
    await picture(page, 'chain')
    await page.close()
  })

  it('of 5,000 are closed by scope, and open where they are clicked', async () => {
    const { page, wrong } = await open({ model: '', text: DEEP, stage: 'expanded' })
    await page.waitForSelector('.canvas .node')
    const [shown, all] = [await nodeCount(page), await tensorCount(page)]
    console.log(`explorer, a deep network: ${shown} boxes for ${all} tensors`)
    expect(all).toBeGreaterThan(5000)
    expect(shown).toBeLessThanOrEqual(250)
    await picture(page, 'deep')
    const group = page.locator('.canvas .node.group').first()
    const name = (await group.textContent())!
    await group.focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('.canvas .frame').count()).toBeGreaterThan(0)
    await expect.poll(() => page.locator('.canvas .node', { hasText: name }).count()).toBe(0)
    expect(wrong).toEqual([])
    await page.close()
  })
})

describe('everybody', () => {
  it.each(['light', 'dark'] as const)('can use it, %s: axe finds nothing', async (colorScheme) => {
    const { page } = await open({ model: 'cnn' }, { colorScheme, reducedMotion: 'reduce' })
    await page.waitForSelector('.cm-content')
    for (const tab of ['Formulas', 'Kernels', 'Memory', 'Passes'] as const) {
      await page.getByRole('tab', { name: tab }).click()
      expect(await violations(page), tab).toEqual([])
    }
    await page.locator('.stretch.kernel').first().click()
    expect(await violations(page)).toEqual([])
    await write(page, WRONG)
    expect(await violations(page)).toEqual([])
    await picture(page, `error-${colorScheme}`)
    await page.close()
  })

  it('can use it on a telephone, one view at a time', async () => {
    const { page } = await open({}, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    for (const name of ['Model', 'Graph', 'Code', 'Details']) {
      await page.getByRole('tab', { name, exact: true }).click()
      const visible = await page.locator('.pane:not([hidden])').count()
      expect(visible).toBe(1)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
      expect(await violations(page), name).toEqual([])
      await picture(page, `phone-${name.toLowerCase()}`)
    }
    await page.close()
  })
})
