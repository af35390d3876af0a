import { expectTypeOf, test } from 'vitest'
import type {
  Axis,
  Broadcast,
  Checked,
  DenseLabels,
  Dim,
  DropAxis,
  ExpandLast,
  Indices,
  MatMul,
  Meet,
  Name,
  Named,
  NamedAll,
  NamesIn,
  NoNames,
  Permute,
  Reduce,
  Reshaped,
  Reverse,
  Scalar,
  Shape,
  ShapeOr,
  Show,
  SparseLabels,
} from '../../src/ir/shapes'

type B = Name<'B'>
type T = Name<'T'>

test('a name is a number that knows its name', () => {
  expectTypeOf<B>().toExtend<number>()
  expectTypeOf<B>().not.toExtend<T>()
  expectTypeOf<number>().not.toExtend<B>()
  expectTypeOf<784>().not.toExtend<B>()
  expectTypeOf<Named<'B'>>().toEqualTypeOf<B>()
  expectTypeOf<Named<784>>().toEqualTypeOf<784>()
  expectTypeOf<Named<string>>().toEqualTypeOf<number>()
  expectTypeOf<NamedAll<readonly ['B', 784]>>().toEqualTypeOf<[B, 784]>()
  expectTypeOf<NamedAll<readonly [string, 4]>>().toEqualTypeOf<[number, 4]>()
  expectTypeOf<NamedAll<readonly number[]>>().toEqualTypeOf<number[]>()
})

test('an index into a known shape is never undefined', () => {
  expectTypeOf<NamedAll<readonly ['B', 784]>[0]>().toEqualTypeOf<B>()
  const shape = [1, 2] as unknown as Broadcast<'add', [B, 784], [784]>
  expectTypeOf(shape[0]).toEqualTypeOf<B>()
  expectTypeOf(shape[1]).toEqualTypeOf<784>()
  // @ts-expect-error: rank 2
  void shape[2]
})

test('dimensions meet', () => {
  expectTypeOf<Meet<3, 3>>().toEqualTypeOf<3>()
  expectTypeOf<Meet<3, 4>>().toBeNever()
  expectTypeOf<Meet<3, 3 | 4>>().toEqualTypeOf<3>()
  expectTypeOf<Meet<number, 3>>().toEqualTypeOf<3>()
  expectTypeOf<Meet<B, number>>().toEqualTypeOf<B>()
  expectTypeOf<Meet<B, B>>().toEqualTypeOf<B>()
  expectTypeOf<Meet<B, T>>().toBeNever()
  expectTypeOf<Meet<B, 784>>().toBeNever()
  expectTypeOf<Meet<784, B>>().toBeNever()
})

test('shapes print as the run time prints them', () => {
  expectTypeOf<Show<[]>>().toEqualTypeOf<'[]'>()
  expectTypeOf<Show<[B, 784]>>().toEqualTypeOf<'[B, 784]'>()
  expectTypeOf<Show<readonly [32, number]>>().toEqualTypeOf<'[32, number]'>()
  expectTypeOf<Show<Shape>>().toEqualTypeOf<'[...]'>()
})

test('a message replaces the parameter, not the shape', () => {
  expectTypeOf<Checked<'wrong', 5>>().toEqualTypeOf<'wrong'>()
  expectTypeOf<Checked<[3], 5>>().toEqualTypeOf<5>()
  expectTypeOf<ShapeOr<[3]>>().toEqualTypeOf<[3]>()
  expectTypeOf<ShapeOr<'wrong'>>().toEqualTypeOf<Shape>()
})

test('broadcasting', () => {
  expectTypeOf<Broadcast<'add', [32, 784], [32, 784]>>().toEqualTypeOf<[32, 784]>()
  expectTypeOf<Broadcast<'add', [B, 784], [784]>>().toEqualTypeOf<[B, 784]>()
  expectTypeOf<Broadcast<'add', [], [2, 3]>>().toEqualTypeOf<[2, 3]>()
  expectTypeOf<Broadcast<'add', [2, 1], [1, 3]>>().toEqualTypeOf<[2, 3]>()
  expectTypeOf<Broadcast<'add', [B, 1], [1, T]>>().toEqualTypeOf<[B, T]>()
  expectTypeOf<Broadcast<'add', [number, 4], [B, 4]>>().toEqualTypeOf<[B, 4]>()
  expectTypeOf<Broadcast<'add', [number], [1]>>().toEqualTypeOf<[number]>()
  expectTypeOf<Broadcast<'add', [1 | 3], [3]>>().toEqualTypeOf<[3]>()
  expectTypeOf<Broadcast<'add', readonly [2, 3], [3]>>().toEqualTypeOf<[2, 3]>()
  expectTypeOf<Broadcast<'add', Shape, [3]>>().toEqualTypeOf<Shape>()
  expectTypeOf<Broadcast<'add', [B, ...number[]], [3]>>().toEqualTypeOf<Shape>()
})

test('shapes that do not broadcast', () => {
  expectTypeOf<
    Broadcast<'add', [32, 784], [10]>
  >().toEqualTypeOf<'add: shapes [32, 784] and [10] do not broadcast (784 against 10)'>()
  expectTypeOf<
    Broadcast<'mul', [B, 4], [T, 4]>
  >().toEqualTypeOf<'mul: shapes [B, 4] and [T, 4] do not broadcast (B against T)'>()
  expectTypeOf<
    Broadcast<'sub', [B, number], [3, 4]>
  >().toEqualTypeOf<'sub: shapes [B, number] and [3, 4] do not broadcast (B against 3)'>()
})

test('matrix products', () => {
  expectTypeOf<MatMul<[B, 784], [784, 10]>>().toEqualTypeOf<[B, 10]>()
  expectTypeOf<MatMul<[784], [784]>>().toEqualTypeOf<[]>()
  expectTypeOf<MatMul<[784], [5, 784, 10]>>().toEqualTypeOf<[5, 10]>()
  expectTypeOf<MatMul<[B, T, 784], [784]>>().toEqualTypeOf<[B, T]>()
  expectTypeOf<MatMul<[B, 8, T, 64], [1, 8, 64, 3]>>().toEqualTypeOf<[B, 8, T, 3]>()
  expectTypeOf<MatMul<[B, number], [784, number]>>().toEqualTypeOf<[B, number]>()
  expectTypeOf<MatMul<Shape, [784, 10]>>().toEqualTypeOf<Shape>()
})

test('wrong matrix products', () => {
  expectTypeOf<MatMul<[32, 784], [512, 10]>>().toEqualTypeOf<'matmul: inner dimensions 784 and 512 differ'>()
  expectTypeOf<MatMul<[784, B], [T, 3]>>().toEqualTypeOf<'matmul: inner dimensions B and T differ'>()
  expectTypeOf<MatMul<[], [3]>>().toEqualTypeOf<'matmul: the first operand is a scalar'>()
  expectTypeOf<MatMul<[3], []>>().toEqualTypeOf<'matmul: the second operand is a scalar'>()
  expectTypeOf<
    MatMul<[2, 4, 5], [3, 5, 6]>
  >().toEqualTypeOf<'matmul batch: shapes [2] and [3] do not broadcast (2 against 3)'>()
})

test('axes', () => {
  expectTypeOf<Indices<[B, 4, 5]>>().toEqualTypeOf<0 | 1 | 2>()
  expectTypeOf<Indices<[]>>().toBeNever()
  expectTypeOf<Axis<[B, 4], 0>>().toEqualTypeOf<0>()
  expectTypeOf<Axis<[B, 4], -1>>().toEqualTypeOf<1>()
  expectTypeOf<Axis<[B, 4], -2>>().toEqualTypeOf<0>()
  expectTypeOf<Axis<[B, 4], 0 | -1>>().toEqualTypeOf<0 | 1>()
  expectTypeOf<Axis<[B, 4], 2>>().toBeNever()
  expectTypeOf<Axis<[B, 4], -3>>().toBeNever()
  expectTypeOf<Axis<[B, 4], number>>().toEqualTypeOf<number>()
  expectTypeOf<Axis<Shape, 0>>().toEqualTypeOf<number>()
})

test('reductions', () => {
  expectTypeOf<Reduce<'sum', [B, 4]>>().toEqualTypeOf<[]>()
  expectTypeOf<Reduce<'sum', [B, 4], undefined, true>>().toEqualTypeOf<[1, 1]>()
  expectTypeOf<Reduce<'sum', [B, 4], 0>>().toEqualTypeOf<[4]>()
  expectTypeOf<Reduce<'sum', [B, 4], -1, true>>().toEqualTypeOf<[B, 1]>()
  expectTypeOf<Reduce<'sum', [B, T, 4], readonly [0, -1]>>().toEqualTypeOf<[T]>()
  expectTypeOf<Reduce<'sum', [B, T, 4], [1], true>>().toEqualTypeOf<[B, 1, 4]>()
  expectTypeOf<Reduce<'sum', [B, 4], []>>().toEqualTypeOf<[B, 4]>()
  expectTypeOf<Reduce<'sum', [B, 4], 0 | 1>>().toEqualTypeOf<[B] | [4]>()
  expectTypeOf<Reduce<'sum', [B, 4], [0 | 1]>>().toEqualTypeOf<[B] | [4]>()
  expectTypeOf<Reduce<'sum', [B] | [B, T], -1>>().toEqualTypeOf<[] | [B]>()
  expectTypeOf<Reduce<'sum', [B, 4], number>>().toEqualTypeOf<Shape>()
  expectTypeOf<Reduce<'sum', [B, 4], (0 | 1)[]>>().toEqualTypeOf<Shape>()
  expectTypeOf<Reduce<'sum', [B, 4], 0, boolean>>().toEqualTypeOf<Shape>()
  expectTypeOf<DropAxis<'argMax', [B, 10]>>().toEqualTypeOf<[B]>()
  expectTypeOf<DropAxis<'argMax', [B, 10], 0>>().toEqualTypeOf<[10]>()
})

test('a loss is a scalar even where no shape is known', () => {
  expectTypeOf<Reduce<'mean', Shape>>().toEqualTypeOf<[]>()
  expectTypeOf<Reduce<'mean', Shape, undefined, true>>().toEqualTypeOf<Shape>()
  expectTypeOf<Reduce<'mean', Shape, 0>>().toEqualTypeOf<Shape>()
})

test('wrong axes', () => {
  expectTypeOf<Reduce<'sum', [B, 784], 2>>().toEqualTypeOf<'sum: axis 2 is out of range for shape [B, 784]'>()
  expectTypeOf<Reduce<'sum', [B, 784], [0, -3]>>().toEqualTypeOf<'sum: axis -3 is out of range for shape [B, 784]'>()
  expectTypeOf<Reduce<'max', [B, 784], [1, -1]>>().toEqualTypeOf<'max: axis -1 of shape [B, 784] is named twice'>()
  expectTypeOf<DropAxis<'argMax', []>>().toEqualTypeOf<'argMax: axis -1 is out of range for shape []'>()
})

test('dimensions move', () => {
  expectTypeOf<ExpandLast<[B], 10>>().toEqualTypeOf<[B, 10]>()
  expectTypeOf<ExpandLast<Shape, 10>>().toEqualTypeOf<Shape>()
  expectTypeOf<Reverse<[B, T, 4]>>().toEqualTypeOf<[4, T, B]>()
  expectTypeOf<Reverse<[]>>().toEqualTypeOf<[]>()
  expectTypeOf<Reverse<Shape>>().toEqualTypeOf<Shape>()
  expectTypeOf<Permute<[B, T, 8, 64], readonly [0, 2, 1, 3]>>().toEqualTypeOf<[B, 8, T, 64]>()
  expectTypeOf<Permute<[B, T], number[]>>().toEqualTypeOf<Shape>()
  expectTypeOf<
    Permute<[B, 784], [0, 2, 1]>
  >().toEqualTypeOf<'transpose: permutation [0, 2, 1] does not fit shape [B, 784]'>()
  expectTypeOf<Permute<[B, 784], [0, 2]>>().toEqualTypeOf<'transpose: permutation [0, 2] does not fit shape [B, 784]'>()
  expectTypeOf<Permute<[B, 784], [0, 0]>>().toEqualTypeOf<'transpose: permutation [0, 0] does not fit shape [B, 784]'>()
})

test('reshape', () => {
  expectTypeOf<Reshaped<readonly ['B', -1]>>().toEqualTypeOf<[B, number]>()
  expectTypeOf<Reshaped<readonly ['B', 8, number]>>().toEqualTypeOf<[B, 8, number]>()
  expectTypeOf<Reshaped<readonly number[]>>().toEqualTypeOf<number[]>()
  expectTypeOf<NamesIn<'reshape', [B, T, 64], ['B', 'T', 8, 8]>>().toEqualTypeOf<['B', 'T', 8, 8]>()
  expectTypeOf<NamesIn<'reshape', [number, 64], ['B', 'T', 64]>>().toEqualTypeOf<['B', 'T', 64]>()
  expectTypeOf<NamesIn<'reshape', Shape, ['B', 4]>>().toEqualTypeOf<['B', 4]>()
  expectTypeOf<NamesIn<'reshape', [B, 4], [string, 4]>>().toEqualTypeOf<[string, 4]>()
  expectTypeOf<NamesIn<'reshape', [B, 4], ['T', 4]>>().toEqualTypeOf<'reshape: T is not a dimension of [B, 4]'>()
})

test('variables have no names, losses no dimensions', () => {
  expectTypeOf<NoNames<[784, number]>>().toEqualTypeOf<[784, number]>()
  expectTypeOf<NoNames<Shape>>().toEqualTypeOf<Shape>()
  expectTypeOf<NoNames<[B, 10]>>().toEqualTypeOf<'variable: the shape [B, 10] depends on a name'>()
  expectTypeOf<Scalar<'grad', []>>().toEqualTypeOf<[]>()
  expectTypeOf<Scalar<'grad', Shape>>().toEqualTypeOf<Shape>()
  expectTypeOf<Scalar<'grad', [32]>>().toEqualTypeOf<'grad: the loss must be a scalar, it has shape [32]'>()
  expectTypeOf<Scalar<'sgd', [B, 1]>>().toEqualTypeOf<'sgd: the loss must be a scalar, it has shape [B, 1]'>()
})

test('labels fit logits', () => {
  expectTypeOf<SparseLabels<'loss', [B, 10], [B]>>().toEqualTypeOf<[B]>()
  expectTypeOf<SparseLabels<'loss', [B, T, 10], [B, number]>>().toEqualTypeOf<[B, T]>()
  expectTypeOf<SparseLabels<'loss', [10], []>>().toEqualTypeOf<[]>()
  expectTypeOf<SparseLabels<'loss', [B, 10], Shape>>().toEqualTypeOf<[B]>()
  expectTypeOf<SparseLabels<'loss', Shape, [B]>>().toEqualTypeOf<Shape>()
  expectTypeOf<DenseLabels<'loss', [B, 10], [B, 10]>>().toEqualTypeOf<[B]>()
  expectTypeOf<DenseLabels<'loss', [B, 10], Shape>>().toEqualTypeOf<[B]>()
  expectTypeOf<DenseLabels<'loss', Shape, [B, 10]>>().toEqualTypeOf<Shape>()
})

test('labels that do not fit', () => {
  expectTypeOf<
    SparseLabels<'loss', [B, 10], [T]>
  >().toEqualTypeOf<'loss: for logits [B, 10] the labels must have shape [B], they have shape [T]'>()
  expectTypeOf<
    SparseLabels<'loss', [32, 10], [32, 1]>
  >().toEqualTypeOf<'loss: for logits [32, 10] the labels must have shape [32], they have shape [32, 1]'>()
  expectTypeOf<SparseLabels<'loss', [], []>>().toEqualTypeOf<'loss: axis -1 is out of range for shape []'>()
  expectTypeOf<
    DenseLabels<'loss', [B, 10], [B]>
  >().toEqualTypeOf<'loss: for logits [B, 10] the labels must have shape [B, 10], they have shape [B]'>()
  expectTypeOf<
    DenseLabels<'loss', [B, 10], [B, 1]>
  >().toEqualTypeOf<'loss: for logits [B, 10] the labels must have shape [B, 10], they have shape [B, 1]'>()
})

interface Value<S extends Shape = Shape> {
  readonly shape: S
}
declare const value: <const S extends readonly (number | string)[]>(shape: readonly [...S]) => Value<NamedAll<S>>
declare const add: <X extends Value, Y extends Value>(
  x: X,
  y: Checked<Broadcast<'add', X['shape'], Y['shape']>, Y>,
) => Value<ShapeOr<Broadcast<'add', X['shape'], Y['shape']>>>
declare const sum: <X extends Value, const A extends number | Shape | undefined = undefined>(
  x: X,
  options?: { axis?: Checked<Reduce<'sum', X['shape'], A>, A> },
) => Value<ShapeOr<Reduce<'sum', X['shape'], A>>>
declare const transpose: <X extends Value, const P extends Shape>(
  x: X,
  permutation: readonly [...P] & Checked<Permute<X['shape'], P>, unknown>,
) => Value<ShapeOr<Permute<X['shape'], P>>>

test('signatures infer through the checks', () => {
  const x = value(['B', 784])
  expectTypeOf(x).toEqualTypeOf<Value<[B, 784]>>()
  expectTypeOf(add(x, value([784]))).toEqualTypeOf<Value<[B, 784]>>()
  expectTypeOf(add(x, add(value([784]), value([1])))).toEqualTypeOf<Value<[B, 784]>>()
  expectTypeOf(sum(x)).toEqualTypeOf<Value<[]>>()
  expectTypeOf(sum(x, { axis: -1 })).toEqualTypeOf<Value<[B]>>()
  expectTypeOf(sum(x, { axis: [0, 1] })).toEqualTypeOf<Value<[]>>()
  expectTypeOf(transpose(x, [1, 0])).toEqualTypeOf<Value<[784, B]>>()
  expectTypeOf(add(x, value([784]) as Value)).toEqualTypeOf<Value>()
})

test('a mistake is an error at the argument, and what follows is not checked', () => {
  const x = value(['B', 784])
  // @ts-expect-error: 784 against 10
  expectTypeOf(add(x, value([10]))).toEqualTypeOf<Value>()
  // @ts-expect-error: B against 32
  add(x, value([32, 784]))
  // @ts-expect-error: out of range
  sum(x, { axis: 2 })
  // @ts-expect-error: not a permutation
  transpose(x, [0, 2])
})

test('a helper that does not know the extents still checks what it knows', () => {
  const helper = (x: Value<[Dim, 4]>) => add(x, value([4]))
  expectTypeOf(helper(value(['B', 4]))).toEqualTypeOf<Value<[number, 4]>>()
  // @ts-expect-error: 4 against 5
  void ((x: Value<[Dim, 4]>) => add(x, value([5])))
})
