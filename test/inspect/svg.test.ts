import { GraphError } from 'gradloom'
import { explain, svg, type SvgOptions } from 'gradloom/inspect'
import { describe, expect, it } from 'vitest'
import { mlp, twoLosses } from './models'

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length
/** Every tag is closed by one of its name, in order. */
function expectWellFormed(text: string): void {
  const open: string[] = []
  for (const [, close, name, self] of text.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (close) expect(open.pop()).toBe(name)
    else if (!self) open.push(name!)
  }
  expect(open).toEqual([])
}

describe('the picture of a graph', () => {
  const { train, predict } = mlp('sgd')

  it.each(['traced', 'expanded', 'simplified', 'kernels'] as const)('shows the stage %s', async (stage) => {
    const text = await svg(train, { stage })
    expectWellFormed(text)
    expect(text).toContain(`<title>train: ${stage === 'kernels' ? 'kernels' : `${stage} graph`}</title>`)
    expect(text).toMatch(
      /<desc>\d+ forward, \d+ gradient, \d+ update, \d+ state, 2 input\. From x, y to loss; writes W1, /,
    )
    for (const part of ['input', 'state', 'forward', 'backward', 'update']) {
      expect(text).toContain(`<g class="${part}">`)
      expect(count(text, new RegExp(`<g class="${part} key">`, 'g'))).toBe(1)
    }
    expect(text).toContain('prefers-color-scheme:dark')
    expect(text).toMatch(/class="label"[^>]*>\[784, 256\]</)
    expect(await svg(train, { stage })).toBe(text)
  })

  it('has a box for each kernel, by the name of its function', async () => {
    const text = await svg(train, { stage: 'kernels' })
    for (const { kernel } of explain(train).kernels) expect(text).toContain(`>${kernel}</text>`)
  })

  it('has no gradients where there are none', async () => {
    const text = await svg(predict, { open: [] })
    expect(text).not.toMatch(/class="(backward|update)/)
    expect(text).toContain('writes no state')
  })

  it('shows other switches', async () => {
    const boxes = async (options: SvgOptions) =>
      count(await svg(train, { stage: 'kernels', ...options }), /<g class="(forward|backward|update)">/g)
    expect(await boxes({ fuse: false })).toBeGreaterThan(await boxes({}))
  })

  it.each([
    [{ stage: 'other' }, /stage must be one of traced, expanded, simplified, kernels.*it is "other"/],
    [{ open: ['encoder'] }, /there is no scope "encoder"; there are none/],
    [{ opened: [] }, /"opened"/],
  ])('refuses %j', async (options, message) => {
    const made = svg(twoLosses(), options as never)
    await expect(made).rejects.toBeInstanceOf(GraphError)
    await expect(made).rejects.toThrow(message)
  })
})
