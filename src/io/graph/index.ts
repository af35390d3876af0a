export type { GraphDocument } from './document'
export { graphFromJson, type GraphParts } from './read'
export { graphToJson, type GraphToJsonOptions } from './write'
