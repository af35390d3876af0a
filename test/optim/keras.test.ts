import { readFileSync } from 'node:fs'
import { maximum, type Tensor, type Variable } from 'gradloom'
import { afterAll, describe, expect, it } from 'vitest'
import { optimizerOf } from '../../src/optim/optimizers'
import { camelConfig, fault, type Float, type Numbers, TARGETS, trainer } from './harness'

/** Steps of Keras: each variable after each, averages at the end. */
interface Fixture {
  readonly id: string
  readonly optimizer: string
  readonly config: Readonly<Record<string, unknown>>
  readonly computed?: string
  readonly f32_deviation?: number
  readonly names?: readonly string[]
  readonly exclude?: readonly string[]
  readonly constrained?: readonly string[]
  readonly variables: readonly Numbers[]
  readonly gradients: readonly (readonly Numbers[])[]
  readonly after: readonly (readonly Numbers[])[]
  readonly ema_after?: readonly Numbers[]
}
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/keras/${name}`, import.meta.url), 'utf8'))

const OLD = read('optimizers.json') as readonly Fixture[]
const { records, ...shared } = read('optimizers-3.15.json') as { readonly records: readonly Fixture[] }
/** Keras 3.0.5, and for what it lacks Keras 3.15.1. */
const FIXTURES: readonly Fixture[] = [...OLD, ...records.map((r): Fixture => ({ ...shared, ...r }))]

/** Why a record of Keras 3.0.5 differs from later versions, which count steps, and decay, only where gradients are applied. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'optimizer-0032-Adam': 'the corrections count calls',
  'optimizer-0043-AdamW': 'the corrections count calls, and each call decays',
  'optimizer-0109-Adafactor': 'the decay of averages counts calls',
  ...Object.fromEntries(
    OLD.filter(({ optimizer }) => optimizer === 'Nadam').map(({ id }) => [id, 'Keras 3.0.5 gives NaN from step 2 on']),
  ),
}
const AGREE = 103

function mismatch(fixture: Fixture, dtype: Float, target: (typeof TARGETS)[number]): string | undefined {
  const { names = ['kernel', 'bias'], variables, exclude = [], constrained = [] } = fixture
  const spec = optimizerOf({
    className: fixture.optimizer,
    config: { ...camelConfig(fixture.config, ['loss_scale_factor']), excludeFromWeightDecay: exclude },
  })
  const isLoose = dtype === 'float32' || fixture.computed === 'float32'
  const scale = Math.max(1, fixture.f32_deviation ?? 1)
  const [relative, absolute] = isLoose ? [1e-5 * scale, 1e-6 * scale] : [1e-9, 1e-9]
  const { step, value } = trainer(
    names,
    variables,
    (loss, all) => {
      const positive = all.filter((v) => constrained.includes(v.name))
      const constraints = new Map(positive.map((v: Variable) => [v, (w: Tensor) => maximum(w, 0)]))
      return spec.updates(loss, all, { constraints })
    },
    dtype,
    { target },
  )
  for (const [t, gradients] of fixture.gradients.entries()) {
    step(gradients)
    for (const [i, name] of names.entries()) {
      const wrong = fault(`${name} after step ${t + 1}`, value(name), fixture.after[t]![i]!.data, relative, absolute)
      if (wrong !== undefined) return wrong
    }
  }
  const wrong = fixture.ema_after?.map((wanted, i) => {
    const found = value(`train/${spec.name}/${names[i]}/average`)
    return fault(`the average of ${names[i]}`, found, wanted.data, relative, absolute)
  })
  return wrong?.find((w) => w !== undefined)
}

describe('optimisers of Keras', () => {
  const agreed = new Set<string>()
  it.each(FIXTURES.filter(({ id }) => !(id in LEFT_OUT)))('$id', (fixture) => {
    for (const target of TARGETS)
      for (const dtype of ['float32', 'float64'] as const)
        expect(mismatch(fixture, dtype, target), `${dtype} on ${target}`).toBeUndefined()
    agreed.add(fixture.id)
  })

  it.each(Object.keys(LEFT_OUT))('%s is left out because it differs', (id) => {
    expect(
      mismatch(
        FIXTURES.find((f) => f.id === id)!,
        'float64',
        'js',
      ),
    ).toMatch(/is right$/)
  })

  afterAll(() => {
    console.log(`${agreed.size} of ${FIXTURES.length} records agree`)
    expect(agreed.size).toBe(AGREE)
    expect(AGREE + Object.keys(LEFT_OUT).length).toBe(FIXTURES.length)
  })
})
