import * as layers from '../../src/layers/index'
import { alongAxis, at, largest, pointwise, reduced, stretched, tabulate, total, type Values } from '../ops/values'
import { describeCases, type LayerCase } from './cases'

const isOn = (mask: Values | undefined, point: readonly number[]): boolean =>
  !mask || at(mask, point.slice(0, mask.shape.length)) !== 0
const SHAPE = [2, 3, 4]
const MASK = [2, 3]

const PAIRS: readonly (readonly [string, readonly (readonly number[])[]])[] = [
  ['of one shape', [SHAPE, SHAPE, SHAPE]],
  ['that broadcast', [[2, 3, 4], [2, 1, 4], [2, 3, 1]]],
  ['of several ranks', [[2, 4], [2, 3, 4], [2, 1, 1, 4]]],
  ['of one input', [SHAPE]],
] // prettier-ignore
/** New axes behind the batch. */
const widened = (inputs: readonly Values[]): Values[] => {
  const rank = Math.max(...inputs.map((x) => x.shape.length))
  return inputs.map((x) => ({ ...x, shape: [x.shape[0]!, ...Array.from({ length: rank - x.shape.length }, () => 1), ...x.shape.slice(1)] })) // prettier-ignore
}
const FOLDS = {
  add: (vs) => total(vs),
  multiply: (vs) => vs.reduce((a, b) => a * b),
  average: (vs) => total(vs) / vs.length,
  maximum: (vs) => largest(vs),
  minimum: (vs) => Math.min(...vs),
} satisfies Record<string, (values: readonly number[]) => number>

const or = (masks: readonly Values[]): Values =>
  tabulate(stretched(masks.map((m) => m.shape)), 'bool', (p) => Number(masks.some((m) => at(m, p) !== 0)))

/** What Keras does with masked elements, by layer: see the docstrings. */
function maskedFold(name: keyof typeof FOLDS, values: readonly number[], on: readonly boolean[], all: boolean): number {
  if (name === 'multiply') return all && !on.includes(true) ? 0 : FOLDS.multiply(values.map((v, i) => (on[i] ? v : 1)))
  if (name !== 'maximum' && name !== 'minimum') return FOLDS[name](values)
  const seen = values.filter((_, i) => on[i])
  return seen.length > 0 ? FOLDS[name](seen) : values[0]!
}

const merges = (Object.keys(FOLDS) as (keyof typeof FOLDS)[]).flatMap((name) => [
  ...PAIRS.map(([what, shapes]): [string, LayerCase] => [
    `${name} ${what}`,
    {
      make: () => layers[name](),
      shapes,
      reference: (inputs) => pointwise((...vs) => FOLDS[name](vs))(widened(inputs)),
    },
  ]),
  ...[
    [MASK, MASK],
    [MASK, undefined],
    [undefined, MASK],
    [MASK, [2, 1]],
    [MASK, [2, 1], MASK],
  ].map((masks): [string, LayerCase] => {
    const shapes = masks.map((m) => (m?.[1] === 1 ? [2, 1, 4] : SHAPE))
    return [
      `${name} under masks ${JSON.stringify(masks)}`,
      {
        make: () => layers[name](),
        shapes,
        masks,
        mask: (_, given) => (given.includes(undefined) ? undefined : or(given as Values[])),
        reference: (inputs, _, given) =>
          tabulate(SHAPE, 'float64', (p) => {
            const on = given.map((m, k) => isOn(m, p.map((v, i) => (shapes[k]![i] === 1 ? 0 : v)))) // prettier-ignore
            return maskedFold(name, inputs.map((x) => at(x, p)), on, !given.includes(undefined)) // prettier-ignore
          }),
      },
    ]
  }),
])

const joined = (axis: number, inputs: readonly Values[]): Values => {
  const shape = inputs[0]!.shape.with(axis, total(inputs.map((x) => x.shape[axis]!)))
  return tabulate(shape, inputs[0]!.dtype, (p) => {
    let k = p[axis]!
    const part = inputs.find((x) => k < x.shape[axis]! || ((k -= x.shape[axis]!), false))!
    return at(part, p.with(axis, k))
  })
}
const concatenates = (
  [
    [
      undefined,
      [
        [2, 3, 4],
        [2, 3, 1],
      ],
      undefined,
    ],
    [
      1,
      [
        [2, 3, 4],
        [2, 2, 4],
        [2, 1, 4],
      ],
      undefined,
    ],
    [
      -1,
      [
        [2, 3, 4],
        [2, 3, 1],
      ],
      [MASK, MASK],
    ],
    [
      -1,
      [
        [2, 3, 4],
        [2, 3, 1],
      ],
      [MASK, undefined],
    ],
    [
      1,
      [
        [2, 3, 4],
        [2, 2, 4],
      ],
      [MASK, [2, 2]],
    ],
    [
      -2,
      [
        [2, 3, 4],
        [2, 2, 4],
      ],
      [undefined, [2, 2]],
    ],
    [
      1,
      [
        [2, 3],
        [2, 2],
      ],
      [
        [2, 3],
        [2, 2],
      ],
    ],
  ] as readonly [number | undefined, number[][], (number[] | undefined)[] | undefined][]
).map(([axis = -1, shapes, masks]): [string, LayerCase] => {
  const along = axis < 0 ? axis + shapes[0]!.length : axis
  return [
    `concatenate along ${axis} of ${JSON.stringify(shapes)}, masks ${JSON.stringify(masks)}`,
    {
      make: () => layers.concatenate({ axis }),
      shapes,
      ...(masks ? { masks } : {}),
      mask: (inputs, given) => {
        if (given.every((m) => !m)) return undefined
        const whole = inputs.map((x, i) => tabulate(x.shape, 'bool', (p) => Number(isOn(given[i], p))))
        const all = joined(along, whole)
        return reduced(all, { axes: [all.shape.length - 1], keepDims: false }, 'bool', largest)
      },
      reference: (inputs) => joined(along, inputs),
    },
  ]
})

const unit = (x: Values, axis: number): Values => alongAxis(x, axis, (row) => row.map((v) => v / Math.hypot(...row)))
/** Sums over one axis of each, written for every rank up to three. */
function dotted(x: Values, y: Values, a: number, b: number): Values {
  const rest = (t: Values, axis: number): number[] => t.shape.filter((_, i) => i !== 0 && i !== axis)
  const shape = [x.shape[0]!, ...rest(x, a), ...rest(y, b)]
  const cut = x.shape.length - 2
  const place = (t: Values, axis: number, n: number, own: readonly number[], k: number): number => {
    const point = [n, ...own]
    point.splice(axis, 0, k)
    return at(t, point)
  }
  return tabulate(shape.length === 1 ? [...shape, 1] : shape, 'float64', (p) => {
    const others = shape.length === 1 ? [] : p.slice(1)
    return total(
      Array.from({ length: x.shape[a]! }, (_, k) => place(x, a, p[0]!, others.slice(0, cut), k) * place(y, b, p[0]!, others.slice(cut), k)), // prettier-ignore
    )
  })
}
const dots = (
  [
    [
      1,
      [
        [2, 4],
        [2, 4],
      ],
      1,
      1,
    ],
    [
      -1,
      [
        [2, 3, 4],
        [2, 5, 4],
      ],
      2,
      2,
    ],
    [
      [1, 2],
      [
        [2, 3, 4],
        [2, 5, 3],
      ],
      1,
      2,
    ],
    [
      [2, 1],
      [
        [2, 3, 4],
        [2, 4],
      ],
      2,
      1,
    ],
    [
      [-1, 1],
      [
        [2, 4],
        [2, 4, 3, 2],
      ],
      1,
      1,
    ],
  ] as readonly [number | [number, number], number[][], number, number][]
).flatMap(([axes, shapes, a, b]) =>
  [false, true].map((normalize): [string, LayerCase] => [
    `dot along ${JSON.stringify(axes)} of ${JSON.stringify(shapes)}${normalize ? ', normalised' : ''}`,
    {
      make: () => layers.dot({ axes, normalize }),
      shapes,
      reference: ([x, y]) => (normalize ? dotted(unit(x!, a), unit(y!, b), a, b) : dotted(x!, y!, a, b)),
    },
  ]),
)

describeCases('merging', {
  ...Object.fromEntries([...merges, ...concatenates, ...dots]),
  subtract: {
    make: () => layers.subtract(),
    shapes: [SHAPE, [2, 1, 4]],
    masks: [MASK, [2, 1]],
    mask: (_, m) => or(m as Values[]),
    reference: (inputs) => pointwise((a, b) => a - b)(inputs),
  },
})
