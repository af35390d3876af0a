import { makeVariable, type Nested } from '../api/leaf'
import type { Initializer } from '../init/initializers'
import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { withoutTrace } from '../ir/trace'
import { type Data, type DType, isShape, newData, sameShape, showShape, sizeOf } from '../ir/type'
import type { Variable } from '../ir/variable'
import type { PartConfig } from '../ir/part'
import { flattenNested } from '../ops/leaf'
import { type ConstraintId, constraintOf } from '../parts/constraints'
import { type InitializerId, initializerOf } from '../parts/initializers'
import { type RegularizerId, regularizerOf } from '../parts/regularizers'

/** What a layer says about a weight when it asks for it; parts are functions, or what layers take by name. */
export interface WeightOptions {
  /** `glorotUniform` by default. */
  readonly initializer?: InitializerId | undefined
  /** A penalty that training adds to the loss, a scalar. */
  readonly regularizer?: string | PartConfig | ((w: Tensor) => Tensor) | null | undefined
  /** What a value becomes after each update. */
  readonly constraint?: ConstraintId | null | undefined
  /** False for what is kept but not trained, such as running statistics. */
  readonly trainable?: boolean
  /** That of the layer by default. */
  readonly dtype?: DType
}

/** The same with parts that are functions. */
export interface WeightRule {
  readonly initializer: Initializer
  /** A penalty that training adds to the loss, a scalar. */
  readonly regularizer?: ((w: Tensor) => Tensor) | undefined
  /** What a value becomes after each update. */
  readonly constraint?: ((w: Tensor) => Tensor) | undefined
  readonly trainable?: boolean
}

/** What a weight is made by. Throws a GraphError for a part that is not known. */
export const weightRule = ({
  initializer = 'glorotUniform',
  regularizer,
  constraint,
  trainable,
}: WeightOptions): WeightRule => ({
  initializer: initializerOf(initializer),
  regularizer: regularizerOf(regularizer as RegularizerId),
  constraint: constraintOf(constraint),
  ...(trainable === undefined ? {} : { trainable }),
})

/** The values of a weight as they may be given. */
export type WeightValues = number | ArrayLike<number> | readonly Nested[]

/** Where the value of a weight lives: the state of the program that wrote it last. */
export interface Home {
  get(weight: Weight): unknown
  set(weight: Weight, value: Data): void
}

/**
 * Values in the order of rows, a list for each weight. Throws before any of them is set: for what is no numbers, for other
 * counts, and for another shape where a list has one, in `shape` or as nested arrays.
 */
export function valuesFor(where: string, weights: readonly Weight[], lists: unknown): readonly ArrayLike<number>[] {
  if (!Array.isArray(lists)) throw notValues(where)
  const given = lists.map((list: unknown) => shapedValues(where, list))
  if (weights.length !== given.length || weights.some((w, i) => w.size !== given[i]!.values.length))
    throw new GraphError(
      `${where}: its weights have ${weights.map((w) => w.size).join(', ') || 'no'} values, got ${given.map(({ values }) => values.length).join(', ') || 'none'}`,
    )
  weights.forEach(({ name, shape }, i) => {
    const found = given[i]!.shape
    if (found && !sameShape(found, shape))
      throw new GraphError(`${where}: the weight "${name}" has the shape ${showShape(shape)}, got ${showShape(found)}`)
  })
  return given.map(({ values }) => values)
}

interface ShapedValues {
  readonly values: ArrayLike<number>
  /** Absent for a flat list, which may be of any shape. */
  readonly shape?: readonly number[]
}

function shapedValues(where: string, list: unknown): ShapedValues {
  if (typeof list === 'number') return { values: [list], shape: [] }
  if (ArrayBuffer.isView(list) && 'length' in list) {
    const values = list as unknown as ArrayLike<number>
    const { shape } = list as { readonly shape?: unknown }
    if (shape === undefined) return { values }
    if (isShape(shape)) return { values, shape }
    throw new GraphError(`${where}: the shape of values of a weight is a list of whole numbers from 0`)
  }
  if (!Array.isArray(list)) throw notValues(where)
  if (list.every((v) => typeof v === 'number')) return { values: list }
  return nestedValues(where, list)
}

function nestedValues(where: string, list: readonly unknown[]): ShapedValues {
  const isNumbers = (part: unknown): boolean => (Array.isArray(part) ? part.every(isNumbers) : typeof part === 'number')
  if (isNumbers(list)) return flattenNested(`${where}: values of weights are arrays of numbers`, list)
  throw notValues(where)
}

const notValues = (where: string): GraphError =>
  new GraphError(`${where}: values of weights are a list of typed arrays or arrays of numbers, one for each weight`)

let revision = 0
/** Changes whenever a value is set from outside of a program. */
export const weightRevision = (): number => revision

/**
 * A weight of a layer. Computed with, it becomes a variable under the path that the layer has there: one for each path, so that
 * names in a model say nothing of other models that share the layer. They begin with the value that the weight has by then.
 */
export class Weight {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly options: WeightRule
  private readonly made = new Map<string, Variable>()
  private own: Variable | undefined
  private last: Variable | undefined
  private held: Data | undefined
  home: Home | undefined

  constructor(name: string, shape: readonly number[], dtype: DType, options: WeightRule) {
    this.name = name
    this.shape = shape
    this.dtype = dtype
    this.options = options
  }

  /** Whether optimisers may train it, apart from what is frozen. */
  get isTrained(): boolean {
    return this.options.trainable ?? true
  }

  get size(): number {
    return sizeOf(this.shape)
  }

  /**
   * The variable by which it is computed with in programs of one's own, the same in all of them; before there are any, that of its
   * model's program.
   */
  get variable(): Variable | undefined {
    return this.own ?? this.last
  }

  /** Its variable under a path, made now if it is not yet there; `isOwn` says that no model makes the program. */
  variableAt(layerPath: string, isOwn: boolean): Variable {
    const name = `${layerPath}/${this.name}`
    const variable =
      this.made.get(name) ??
      withoutTrace(() =>
        makeVariable(
          name,
          this.shape,
          this.dtype,
          (shape, random) => this.read() ?? this.options.initializer(shape, random),
          { kind: this.isTrained ? 'parameter' : 'untrained' },
        ),
      )
    this.made.set(name, variable)
    this.last = variable
    if (isOwn) this.own = variable
    return variable
  }

  /** Whether it was set, or a program holds it: what is left has its first value yet to be made. */
  get hasValue(): boolean {
    return this.home !== undefined || this.held !== undefined
  }

  /** A copy of its value: what was set, or what the program that wrote it last holds; undefined before there is either. */
  read(): Data | undefined {
    if (!this.home) return this.held?.slice()
    const value = this.home.get(this)
    return typeof value === 'number' ? newData(this.dtype, 1).fill(value) : (value as Data).slice()
  }

  /** Sets its value, in the order of rows. Throws a GraphError where the count differs. */
  write(value: ArrayLike<number>): void {
    if (value.length !== this.size)
      throw new GraphError(
        `the weight "${this.variable?.name ?? this.name}" ${showShape(this.shape)} takes ${this.size} values, got ${value.length}`,
      )
    const data = newData(this.dtype, value.length)
    data.set(value)
    this.held = data
    revision++
    this.home?.set(this, data)
  }
}
