import type { StoredTensor } from 'gradloom/onnx'
import { ELEMENTS } from './cases-elements'
import { POINTWISE } from './cases-pointwise'
import { SHAPES } from './cases-shape'
import { UNTESTED } from './cases-window'
import type { MadeNode } from './made'

/** A node with the results that it is to have. */
export interface Case extends MadeNode {
  readonly note?: string
  readonly expected: readonly StoredTensor[]
}

export const CASES: readonly Case[] = [...POINTWISE, ...SHAPES, ...ELEMENTS, ...UNTESTED]
export const titleOf = ({ op, opset, note, attributes }: Case): string =>
  `${op}${opset ? ` ${opset}` : ''}${note ? `, ${note}` : ''} ${attributes ? JSON.stringify(attributes) : ''}`
