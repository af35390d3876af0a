import { type DataFormat, grad, mul, sum, type Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { applied, GEOMETRIES, type Geometry, shapesOf } from './geometries'
import { type Body, build, type Feeds, type Inputs, randomNumbers, sample } from './operands'
import { evaluateGraph } from './reference'

/** So many geometries are one program. */
const TOGETHER = 12

/** Result and gradients of every geometry, computed channels last and channels first. */
function programOf(geometries: readonly Geometry[]): { inputs: Inputs; feeds: Feeds; body: Body } {
  const random = randomNumbers(7)
  const inputs: Record<string, Inputs[string]> = {}
  const feeds: Record<string, number[]> = {}
  geometries.forEach((geometry, i) =>
    shapesOf(geometry).forEach((shape, k) => {
      inputs[`${'xw'[k]}${i}`] = { shape, dtype: 'float32' }
      feeds[`${'xw'[k]}${i}`] = sample({ shape, domain: geometry.kind === 'max' ? 'awayFromTies' : 'any' }, random)
    }),
  )
  const body: Body = (xs) => {
    const outputs: Record<string, Tensor> = {}
    geometries.forEach((geometry, i) => {
      const by = [xs[`x${i}`]!, xs[`w${i}`]].filter((t) => t !== undefined)
      for (const format of ['channelsLast', 'channelsFirst'] as const satisfies readonly DataFormat[]) {
        const label = `${format === 'channelsLast' ? '' : 'first '}${i}`
        const y = applied(geometry, by, format)
        outputs[`y ${label}`] = y
        // A cotangent that differs from point to point.
        grad(sum(mul(y, mul(y, 0.5))), by).forEach((g, k) => (outputs[`d_${'xw'[k]} ${label}`] = g))
      }
    })
    return { outputs }
  }
  return { inputs, feeds, body }
}

function expectClose(actual: ArrayLike<number>, wanted: ArrayLike<number>, label: string): void {
  expect(actual.length, label).toBe(wanted.length)
  const top = Array.from(wanted).reduce((m, v) => Math.max(m, Math.abs(v)), 0)
  for (let i = 0; i < wanted.length; i++)
    if (!(Math.abs(actual[i]! - wanted[i]!) <= 1e-5 * Math.max(Math.abs(wanted[i]!), top / 4)))
      expect.fail(`${label}[${i}] is ${actual[i]}, not ${wanted[i]}`)
}

const groups = Array.from({ length: Math.ceil(GEOMETRIES.length / TOGETHER) }, (_, i) =>
  GEOMETRIES.slice(i * TOGETHER, (i + 1) * TOGETHER),
)

describe(`${GEOMETRIES.length} geometries`, () => {
  it('are many, and of every kind', () => {
    expect(GEOMETRIES.length).toBeGreaterThanOrEqual(200)
    const count = (is: (g: Geometry) => boolean): number => GEOMETRIES.filter(is).length
    const taps = ({ window }: Geometry): number => window.reduce((n, k) => n * k, 1)
    for (const kind of ['conv', 'transposed', 'max', 'average'])
      expect(count((g) => g.kind === kind)).toBeGreaterThan(14)
    for (const padding of ['valid', 'same', 'causal'])
      expect(count((g) => (g.padding ?? 'valid') === padding)).toBeGreaterThan(8)
    expect(count((g) => g.window.length === 3)).toBeGreaterThan(12)
    expect(count((g) => (g.groups ?? 1) > 1)).toBeGreaterThan(15)
    expect(count((g) => g.outputPadding !== undefined && g.outputPadding !== 0)).toBeGreaterThan(8)
    expect(count((g) => g.kind === 'max' && taps(g) > 16)).toBeGreaterThan(0)
    expect(count((g) => g.kind === 'average' && taps(g) > 16)).toBeGreaterThan(0)
  })

  it.each(groups.map((group, i) => ({ label: `${i * TOGETHER} to ${i * TOGETHER + group.length - 1}`, group, i })))(
    '$label: values and gradients, the same in both formats',
    ({ group, i }) => {
      const { inputs, feeds, body } = programOf(group)
      const targets = i % 4 === 0 ? (['wasm', 'js'] as const) : (['wasm'] as const)
      for (const target of targets) {
        const ran = build(inputs, body, { target, threads: 1 })
        const results = ran.run(feeds)
        const { outputs } = ran.traced.roots
        const names = [...outputs.keys()].filter((name) => !name.includes('first'))
        const values = evaluateGraph(
          names.map((name) => outputs.get(name)!),
          new Map([...ran.traced.inputs].map(([name, t]) => [t, feeds[name]!])),
        )
        names.forEach((name, k) => {
          const label = `${target} ${name} of ${JSON.stringify(group[Number(name.split(' ')[1])])}`
          expectClose(results[name]!, values[k]!.data, label)
          expectClose(results[name.replace(' ', ' first ')]!, results[name]!, `${label}, channels first`)
        })
        ran.dispose()
      }
    },
  )
})
