import { makeVariable } from '../api/leaf'
import type { Initializer } from '../init/initializers'
import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { withoutTrace } from '../ir/trace'
import { type Data, type DType, newData, showShape, sizeOf } from '../ir/type'
import type { Variable } from '../ir/variable'

/** What a layer says about a weight when it asks for it. */
export interface WeightOptions {
  readonly initializer: Initializer
  /** A penalty that training adds to the loss, a scalar. */
  readonly regularizer?: ((w: Tensor) => Tensor) | undefined
  /** What a value becomes after each update. */
  readonly constraint?: ((w: Tensor) => Tensor) | undefined
  /** False for what is kept but not trained, such as running statistics. */
  readonly trainable?: boolean
  /** That of the layer by default. */
  readonly dtype?: DType
}

/** Where the value of a weight lives: the state of the program that wrote it last. */
export interface Home {
  get(variable: Variable): unknown
  set(variable: Variable, value: Data): void
}

let revision = 0
/** Changes whenever a value is set from outside of a program. */
export const weightRevision = (): number => revision

/** A weight of a layer. It becomes a variable when it is first computed with, under the path that the layer has by then. */
export class Weight {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly options: WeightOptions
  private made: Variable | undefined
  private held: Data | undefined
  home: Home | undefined

  constructor(name: string, shape: readonly number[], dtype: DType, options: WeightOptions) {
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

  /** Its variable, if it has been computed with. */
  get variable(): Variable | undefined {
    return this.made
  }

  /** Its variable, made now under a path if it is not yet there. */
  variableAt(layerPath: string): Variable {
    this.made ??= withoutTrace(() =>
      makeVariable(
        `${layerPath}/${this.name}`,
        this.shape,
        this.dtype,
        (shape, random) => this.held ?? this.options.initializer(shape, random),
        {
          kind: this.isTrained ? 'parameter' : 'untrained',
        },
      ),
    )
    return this.made
  }

  /** A copy of its value: what was set, or what the program that wrote it last holds; undefined before there is either. */
  read(): Data | undefined {
    if (!this.home || !this.made) return this.held?.slice()
    const value = this.home.get(this.made)
    return typeof value === 'number' ? newData(this.dtype, 1).fill(value) : (value as Data).slice()
  }

  /** Sets its value, in the order of rows. Throws a GraphError where the count differs. */
  write(value: ArrayLike<number>): void {
    if (value.length !== this.size)
      throw new GraphError(
        `the weight "${this.made?.name ?? this.name}" ${showShape(this.shape)} takes ${this.size} values, got ${value.length}`,
      )
    const data = newData(this.dtype, value.length)
    data.set(value)
    this.held = data
    revision++
    if (this.home && this.made) this.home.set(this.made, data)
  }
}
