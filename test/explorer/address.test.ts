import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf, settingsOf } from '../../explorer/src/state/address'
import { pack, unpack } from '../../explorer/src/state/packed-text'
import { DEFAULTS, PASSES, SCHEDULES, type Settings, STAGES, TABS, TARGETS } from '../../explorer/src/state/settings'

const word = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
const settings: fc.Arbitrary<Settings> = fc.record({
  model: fc.constant(''),
  text: fc.string({ maxLength: 300, unit: 'grapheme' }),
  entry: fc.oneof(fc.constant(''), word),
  bindings: fc.dictionary(word, fc.integer({ min: 1, max: 65536 })),
  stage: fc.constantFrom(...STAGES),
  open: fc.option(fc.uniqueArray(word), { nil: undefined }),
  schedule: fc.constantFrom(...SCHEDULES),
  target: fc.constantFrom(...TARGETS),
  fuse: fc.boolean(),
  off: fc.subarray([...PASSES]),
  tab: fc.constantFrom(...TABS),
})

/** Names that an object without entries of its own, an address or a number would take for something else. */
const AWKWARD = ['__proto__', 'constructor', 'dim.', ' ', '+', '%', '&', '#', '=', '0', '-1', '\u2028', 'é𝄞']

describe('addresses', () => {
  it('give back every state', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (state) => {
        expect(await settingsOf(`#${await addressOf(state)}`)).toEqual({ settings: state })
      }),
      {
        examples: AWKWARD.map((name): [Settings] => [
          { ...DEFAULTS, entry: name, bindings: { [name]: 2 }, open: [name] },
        ]),
      },
    )
  })

  it('name a built-in model instead of holding it, and say nothing that is as usual', async () => {
    expect(await addressOf(DEFAULTS)).toBe('model=mlp')
    expect(await settingsOf('#model=mlp')).toEqual({ settings: DEFAULTS })
    expect(await settingsOf('')).toEqual({ settings: DEFAULTS })
  })

  it.each(['stage=sideways', 'target=fortran&schedule=&tab=x', 'off=everything', 'dim.B=-1&dim.C=many&dim.D=1.5'])(
    'that are unknown in part are as usual there: %s',
    async (address) => {
      expect(await settingsOf(address)).toEqual({ settings: DEFAULTS })
    },
  )

  it('say what is wrong with a model that cannot be read', async () => {
    const whole = await addressOf({ ...DEFAULTS, model: '', text: 'export const a = 1 // and much more that is long' })
    for (const address of [whole.slice(0, -6), 'text=%%', 'text=AAAA']) {
      const { settings, problem } = await settingsOf(address)
      expect(settings).toEqual(DEFAULTS)
      expect(problem).toContain('cannot be read')
    }
    expect((await settingsOf('model=nonsuch')).problem).toContain('"nonsuch"')
  })
})

describe('packed texts', () => {
  it('are shorter than models, and of letters that addresses hold', async () => {
    const packed = await pack(DEFAULTS.text)
    expect(packed).toMatch(/^[\w-]+$/)
    expect(packed.length).toBeLessThan(0.8 * DEFAULTS.text.length)
    expect(await unpack(packed)).toBe(DEFAULTS.text)
  })

  it('that unpack to more than a model are refused before they fill the memory', async () => {
    const bomb = await pack('\0'.repeat(5_000_000))
    expect(bomb.length).toBeLessThan(10_000)
    await expect(unpack(bomb)).rejects.toThrow(RangeError)
  })
})
