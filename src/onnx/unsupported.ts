import { GraphError } from '../ir/errors'

/** A model asks for what there is nothing for here: an op, a form of one, a dtype. `what` names it, such as "Bernoulli". */
export class UnsupportedError extends GraphError {
  constructor(
    readonly what: string,
    message: string,
  ) {
    super(`onnx: ${message}`)
  }
}

/**
 * The shape of a result hangs on a value that is known only when the model runs. `inputs` are the inputs of the model that it
 * is computed from: given as `constants`, they are part of the model.
 */
export class ValueNeededError extends GraphError {
  constructor(
    message: string,
    readonly inputs: readonly string[],
  ) {
    super(`onnx: ${message}`)
  }
}
