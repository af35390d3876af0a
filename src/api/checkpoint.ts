import { sweep } from '../autodiff/vjp'
import { toposort } from '../ir/graph'
import { requireFunction } from '../ir/names-of'
import { apply, makeTensor, relabel, requireTensor, type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import { barrierT } from '../ops/barrier'
import { type CustomAttrs, customGradientOp } from '../ops/custom'
import { identityT } from '../ops/unary'

/**
 * A function that computes what `fn` does and keeps only its operands for the gradient: what lies between is computed a
 * second time when the gradient needs it, which takes one more forward pass of `fn` and saves the memory meanwhile. `fn`
 * takes tensors and gives one. Tensors from outside that it reads, such as variables, get their gradients too; what it
 * computes from them alone is kept. Values and gradients of any order are those without `checkpoint`. What `fn` draws at
 * random is the same both times.
 *
 *     const block = checkpoint((h: Tensor<[32, 64]>) => tanh(add(matmul(h, W), b)))
 *     const y = block(x)
 *
 * Throws a GraphError where `fn` is no function, and where an operand or the result is no tensor.
 * Source: Griewank & Walther 2000, Algorithm 799 (revolve); Chen et al. 2016, arXiv:1604.06174; JAX's checkpoint.
 */
export function checkpoint<F extends (...tensors: never[]) => Tensor>(fn: F): F {
  requireFunction('checkpoint: what is computed', fn)
  const call = fn as unknown as (...tensors: readonly Tensor[]) => Tensor
  return ((...operands: readonly Tensor[]) => checkpointed(call, operands)) as unknown as F
}

function checkpointed(fn: (...tensors: readonly Tensor[]) => Tensor, operands: readonly Tensor[]): Tensor {
  operands.forEach((x) => requireTensor('checkpoint', x))
  // Stand-ins tell what fn computes from its operands from what was computed of them before.
  const marks = operands.map((x) => relabel(identityT(x), x.origin))
  const value = fn(...marks)
  requireTensor('checkpoint', value)
  const segment = segmentOf(value, marks)
  if (segment.body.length === 0) return value
  const rule: CustomAttrs['rule'] = (given, output, cotangent) => {
    const inputs = given.slice(0, marks.length).map((x) => barrierT(x, cotangent))
    const captured = given.slice(marks.length)
    const again = recomputed(segment, inputs, captured, output)
    const sources = [...inputs, ...captured]
    const wanted = sources.filter((x) => isFloat(x.dtype))
    const loss = cotangent.origin.gradient?.loss ?? output
    const found = sweep(toposort([again], new Set(sources)), [again], [cotangent], wanted, loss)
    return sources.map((x) => (isFloat(x.dtype) ? found[wanted.indexOf(x)]! : null))
  }
  return apply(customGradientOp, [value, ...operands, ...segment.captured], { rule })
}

interface Segment {
  readonly value: Tensor
  readonly marks: readonly Tensor[]
  /** What depends on the operands, operands first. */
  readonly body: readonly Tensor[]
  /** What that reads besides, constants aside. */
  readonly captured: readonly Tensor[]
}

function segmentOf(value: Tensor, marks: readonly Tensor[]): Segment {
  const inside = new Set(marks)
  const body: Tensor[] = []
  const captured = new Set<Tensor>()
  for (const t of toposort([value])) {
    if (inside.has(t) || !t.inputs.some((x) => inside.has(x))) continue
    inside.add(t)
    body.push(t)
    for (const x of t.inputs) if (!inside.has(x) && x.op.name !== 'constant') captured.add(x)
  }
  return { value, marks, body, captured: [...captured] }
}

/** The same graph over other operands, as a part of the gradient of `output`. */
function recomputed(
  { value, marks, body, captured }: Segment,
  inputs: readonly Tensor[],
  outside: readonly Tensor[],
  output: Tensor,
): Tensor {
  const now = new Map<Tensor, Tensor>()
  marks.forEach((mark, i) => now.set(mark, inputs[i]!))
  captured.forEach((x, i) => now.set(x, outside[i]!))
  for (const t of body) {
    const operands = t.inputs.map((x) => now.get(x) ?? x)
    now.set(t, makeTensor(t.op, operands, t.attrs, t, { ...t.origin, rule: output, recomputed: true }))
  }
  return now.get(value)!
}
