import type { Inspection, MemoryRow } from 'gradloom/inspect'
import { inspection } from '../state/store'
import { useLinked } from './linked-row'
import { countText } from './numbers'

const REGION: Readonly<Record<MemoryRow['region'], string>> = {
  state: 'state',
  io: 'input or result',
  constant: 'constant',
  scratch: 'scratch',
  panel: 'panel',
  packed: 'packed operand',
}

/** The memory of a step over time: items of the step from left to right, addresses from below, a rectangle a buffer. */
export function MemoryTab() {
  const shown = inspection.value
  if (!shown) return null
  const { buffers, stateBytes, workBytes, constantBytes, withoutReuseBytes, items } = shown.memory
  const work = buffers.filter((b) => b.region !== 'state')
  const state = buffers.filter((b) => b.region === 'state')
  return (
    <div class="memory">
      <figure>
        <figcaption>
          Inputs, results and scratch: {countText(workBytes, 'B')}
          {withoutReuseBytes > workBytes && `, ${countText(withoutReuseBytes, 'B')} if no two buffers shared memory`}
          {constantBytes > 0 && `; constants: ${countText(constantBytes, 'B')}`}
        </figcaption>
        <Arena buffers={work} bytes={workBytes + constantBytes} items={items} kernels={shown.kernels} />
        <p class="axis">
          <span>first item of the step</span>
          <span>item {items}</span>
        </p>
      </figure>
      <figure class="state">
        <figcaption>State: {countText(stateBytes, 'B')}, which stays from step to step</figcaption>
        <Arena buffers={state} bytes={stateBytes} items={items} kernels={shown.kernels} />
      </figure>
    </div>
  )
}

interface ArenaProps extends Pick<Inspection, 'kernels'> {
  readonly buffers: readonly MemoryRow[]
  readonly bytes: number
  readonly items: number
}

const Arena = ({ buffers, bytes, items, kernels }: ArenaProps) => (
  <div class="arena" role="group" aria-label="Buffers">
    {buffers.map((buffer) => (
      <Rectangle
        key={`${buffer.region} ${buffer.offset} ${buffer.name} ${buffer.live[0]}`}
        {...{ buffer, bytes, items, kernels }}
      />
    ))}
  </div>
)

function Rectangle({ buffer, bytes, items, kernels }: Omit<ArenaProps, 'buffers'> & { readonly buffer: MemoryRow }) {
  const { name, region, offset, live } = buffer
  const named = (list: readonly string[]): boolean => list.some((item) => item.startsWith(`${name} `))
  const writers = kernels.filter((k) => named(k.writes))
  const users = writers.length > 0 ? writers : kernels.filter((k) => named(k.reads))
  const isFed = region === 'io' && writers.length === 0
  const part = isFed ? 'input' : region === 'state' ? 'state' : (writers[0]?.part ?? 'constant')
  const [from, to] = region === 'state' ? [0, Math.max(0, items - 1)] : live
  const share = (part: number, whole: number): string => `${(100 * part) / Math.max(1, whole)}%`
  const text = `${name}, ${REGION[region]}: ${countText(buffer.bytes, 'B')} at ${offset}, in use from item ${from + 1} to ${to + 1}`
  return (
    <button
      type="button"
      class={`buffer ${part}`}
      aria-label={text}
      title={text}
      style={{
        insetInlineStart: share(from, items),
        inlineSize: share(to - from + 1, items),
        insetBlockEnd: share(offset, bytes),
        blockSize: share(buffer.bytes, bytes),
      }}
      {...useLinked(users.map((k) => k.id))}
    >
      {name}
    </button>
  )
}
