import { input, layers, model, plotModel, sequential } from 'gradloom/nn'
import { describe, expect, it, vi } from 'vitest'
import { outline } from '../../src/models/outline'
import { KINDS } from './zoo'

interface Box {
  readonly role: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly lines: readonly string[]
}
const NUMBER = '(-?[\\d.]+)'
const boxesOf = (svg: string): Box[] =>
  [
    ...svg.matchAll(
      new RegExp(
        `<g class="(\\w+)"><rect rx="\\d" x="${NUMBER}" y="${NUMBER}" width="${NUMBER}" height="${NUMBER}"/>(.*)</g>`,
        'g',
      ),
    ),
  ].map(([, role, x, y, width, height, inside]) => ({
    role: role!,
    ...{ x: Number(x), y: Number(y), width: Number(width), height: Number(height) },
    lines: [...inside!.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1]!),
  }))
const edgesOf = (svg: string): string[] => [...svg.matchAll(/<path class="edge"[^>]* d="([^"]*)"/g)].map((m) => m[1]!)

/** Fails unless tags close in turn, attributes are quoted and nothing stands bare that must not. */
function checkXml(svg: string): void {
  const open: string[] = []
  const rest = svg
    .replace(/<style>[^<]*<\/style>/, '')
    .replace(
      /<(\/?)([a-z]+)((?: [\w:-]+="[^"<&]*(?:&#\d+;[^"<&]*)*")*)(\/?)>/gi,
      (_, close: string, tag: string, __, self: string) => {
        if (close !== '') expect(open.pop()).toBe(tag)
        else if (self === '') open.push(tag)
        return ''
      },
    )
  expect(open).toEqual([])
  expect(rest.replace(/&#\d+;/g, '')).not.toMatch(/[<>&]/)
}
const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

describe('a picture', () => {
  it.each(Object.entries(KINDS))('shows everything apart: %s', async (_, kind) => {
    const net = kind.make()
    const { rows } = outline(net)
    for (const expandNested of [false, true]) {
      const svg = await plotModel(net, { expandNested })
      checkXml(svg)
      const [, w, h] = new RegExp(`viewBox="0 0 ${NUMBER} ${NUMBER}"`).exec(svg)!.map(Number)
      const all = boxesOf(svg)
      const boxes = all.filter((b) => b.role !== 'frame')
      for (const box of all) {
        expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= w! && box.y + box.height <= h!).toBe(true)
        for (const line of box.lines) expect(line.length * 7).toBeLessThanOrEqual(box.width)
      }
      for (const [i, a] of boxes.entries()) for (const b of boxes.slice(i + 1)) expect(overlap(a, b)).toBe(false)
      if (!expandNested) {
        expect(boxes.map((b) => b.lines[0])).toEqual(rows.map((r) => r.name))
        expect(edgesOf(svg).length).toBe(rows.reduce((sum, r) => sum + r.sources.length, 0))
      }
      // Without a cycle arrows lead down.
      for (const d of edgesOf(svg)) {
        const ends = [...d.matchAll(new RegExp(`${NUMBER} ${NUMBER}`, 'g'))].map((m) => Number(m[2]))
        if (!['models in a model', 'a layer in two places of a stack'].includes(_))
          expect(ends.at(-1)!).toBeGreaterThan(ends[0]!)
      }
      expect(await plotModel(kind.make(), { expandNested })).toBe(svg)
    }
  })

  it('has frames around models inside, and what is in them', async () => {
    const net = KINDS['models in a model']!.make()
    const svg = await plotModel(net, { expandNested: true })
    const frames = boxesOf(svg).filter((b) => b.role === 'frame')
    const inside = (frame: Box): number =>
      boxesOf(svg).filter((b) => b.role !== 'frame' && b.x > frame.x && b.x + b.width < frame.x + frame.width && b.y > frame.y && b.y + b.height < frame.y + frame.height).length // prettier-ignore
    expect(frames.map(inside)).toEqual([3, 3])
    expect(svg).toContain('>block (Sequential)</text>')
    expect(boxesOf(await plotModel(net)).map((b) => b.role)).toEqual(['input', 'model', 'model', 'layer'])
  })

  it('says which of several results goes where, how many weights there are, and shapes', async () => {
    const svg = await plotModel(KINDS['options of calls']!.make())
    expect([...svg.matchAll(/class="label"[^>]*>([^<]*)/g)].map((m) => m[1])).toEqual(['[0]', '[0]'])
    const lstm = boxesOf(svg).find((b) => b.lines[0] === 'lstm')!
    expect(lstm.lines).toEqual(['lstm', 'LSTM, 84 weights', '[null, 5, 3]', '[null, 3]', '[null, 3]'])
    expect(svg).toContain('prefers-color-scheme:dark')
  })

  it('shows names as they are, whatever is in them', async () => {
    const name = `</text><script>"&'\u0001`
    const x = input({ shape: [2], name })
    const svg = await plotModel(model({ inputs: x, outputs: layers.dense({ units: 1, name: 'ä<b>' })(x), name }))
    checkXml(svg)
    expect(svg).not.toContain('<script')
    // eslint-disable-next-line no-control-regex
    expect(svg).not.toMatch(/\u0001/)
  })

  it('refuses', async () => {
    const net = KINDS['a stack']!.make()
    await expect(plotModel(net, { nested: true } as never)).rejects.toThrow('unknown option "nested"')
    await expect(plotModel(sequential([layers.dense({ units: 1 })]))).rejects.toThrow('what samples look like')
  })

  it('says which package it needs', async () => {
    vi.doMock('@dagrejs/dagre', () => {
      throw new Error('not there')
    })
    await expect(plotModel(KINDS['a stack']!.make())).rejects.toThrow('needs the package @dagrejs/dagre; install it by')
    vi.doUnmock('@dagrejs/dagre')
  })
})
