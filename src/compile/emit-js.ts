import { feedText } from '../codegen/feed-text'
import { helperText, type MathFunction } from '../codegen/js-math'
import { moduleScope } from '../codegen/module'
import type { Buffer } from '../ir/plan'
import type { Tensor } from '../ir/tensor'
import { arrayNameOf } from '../ir/type'
import {
  bytesText,
  dataText,
  decodeText,
  type EmitInput,
  entryTexts,
  FEED_ERROR,
  headerText,
  moduleText,
  stateBytes,
} from './emit-parts'
import { constantData, constantsOf } from './constants'
import { stateApi } from './emit-state'
import { printCompilation, type PrintedKernel } from './print'

/** A kernel of a module that is being printed. */
export interface EmittedKernel {
  /** As it stands in the module, its comment in front. */
  readonly text: string
  readonly printed: PrintedKernel
  readonly nameOf: (t: Tensor) => string
  /** Names that buffers have in the module. */
  readonly buffers: ReadonlyMap<Buffer, string>
}

/** The module in JavaScript or TypeScript: the text that runs in memory, with memory declared in front. */
export function jsModuleText(
  { entries, store, weights, schedule }: EmitInput,
  types: boolean,
  seen?: (kernel: EmittedKernel) => void,
): string {
  const shared = moduleScope(['state', 'stateMemory', 'decode', 'variable', 'variables'])
  const helpers = new Set<MathFunction>()
  const steps = entryTexts(entries, shared, types, ({ compilation }, names) => {
    const workMemory = shared.namer.unique(`memory_${names.step}`)
    const scope = { ...names, stateMemory: 'stateMemory', workMemory }
    const { kernels, text } = printCompilation(compilation, schedule, { types, scope, dynamic: false })
    text.helpers.forEach((h) => helpers.add(h))
    const { plan, names: tensors } = compilation
    if (seen)
      kernels.forEach((printed, i) =>
        seen({ text: text.kernels[i]!, printed, nameOf: tensors.nameOf, buffers: shared.buffers }),
      )
    return {
      fits: text.fits,
      text: [
        `const ${workMemory} = new ArrayBuffer(${Math.max(plan.workBytes + plan.constantBytes, 64)})`,
        text.views,
        ...constantsOf(plan).map((b) => `${scope.buffers.get(b)!}.set(${dataText(constantData(b))})`),
        ...text.kernels,
        text.step,
        text.run,
      ].join('\n\n'),
    }
  })
  const state = weights === 'none' ? `new ArrayBuffer(${store.bytes})` : `${bytesText(stateBytes(store))}.buffer`
  return moduleText([
    headerText(entries),
    `${types ? '/* eslint-disable */\n' : ''}${FEED_ERROR}`,
    helperText(helpers, { types }),
    feedText({ types }),
    `const stateMemory = ${state}`,
    weights === 'none' ? '' : decodeText(types),
    ...steps,
    stateApi(
      store,
      (b) => shared.buffers.get(b) ?? `new ${arrayNameOf(b.dtype)}(stateMemory, ${b.offset}, ${b.size})`,
      types,
    ),
  ])
}
