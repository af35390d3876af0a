/** A model is wrong: thrown while the graph is built, before anything is compiled or run. */
export class GraphError extends Error {
  override readonly name = 'GraphError'
}

/** A feed or a state value is wrong: thrown before the step touches any state. */
export class FeedError extends Error {
  override readonly name = 'FeedError'
}

/** The environment cannot run what was asked for, for example where code from strings is not allowed. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError'
}
