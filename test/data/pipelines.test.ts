import fc from 'fast-check'
import { expect, it } from 'vitest'
import { anyPipeline, orderedPipeline, read, sourceKind, SOURCES, values } from './model'

it('pipelines give what the same steps make of an array, for every kind of source and every way to read', async () => {
  await fc.assert(
    fc.asyncProperty(sourceKind, values, orderedPipeline, async (kind, xs, { apply, model }) => {
      const wanted = model(xs)
      const made = apply(SOURCES[kind]!(xs))
      expect(await read(made)).toEqual(wanted)
      expect(await made.toArray()).toEqual(wanted)
      const seen: [number, number][] = []
      await made.forEach((x, i) => void seen.push([i, x]))
      expect(seen).toEqual(wanted.map((x, i) => [i, x]))
      expect(made.size ?? wanted.length).toBe(wanted.length)
    }),
    { numRuns: 300 },
  )
})

it('a loop without await gives the same where nothing is asynchronous', () => {
  fc.assert(
    fc.property(fc.constantFrom('array', 'typed array', 'set', 'generator function'), values, orderedPipeline, (kind, xs, { apply, model, text }) => {
      fc.pre(!text.includes('async'))
      expect([...apply(SOURCES[kind]!(xs))]).toEqual(model(xs))
    }), // prettier-ignore
    { numRuns: 200 },
  )
})

it('a pass that begins at a place gives exactly what the whole pass gives from there', async () => {
  await fc.assert(
    fc.asyncProperty(sourceKind, values, anyPipeline, fc.nat(3), fc.nat(30), async (kind, xs, { apply }, epoch, skip) => {
      const make = () => apply(SOURCES[kind]!(xs))
      const whole = await read(make().iterate({ epoch }))
      expect(await read(make().iterate({ epoch, skip }))).toEqual(whole.slice(skip))
      // And where a pass says it is, another goes on: the same dataset, or one that was made anew.
      const made = make()
      const pass = made.iterate({ epoch })
      for (let i = 0; i < skip; i++) await pass.next()
      expect(pass.position).toEqual({ epoch, skip: Math.min(skip, whole.length) })
      const rest = whole.slice(skip)
      expect(await read(make().iterate(pass.position))).toEqual(rest)
      expect(await read(made.iterate(pass.position))).toEqual(rest)
      expect(await read(pass)).toEqual(rest)
    }), // prettier-ignore
    { numRuns: 300 },
  )
})

it('the loops over a dataset are its epochs', async () => {
  await fc.assert(
    fc.asyncProperty(sourceKind, values, anyPipeline, async (kind, xs, { apply }) => {
      const made = apply(SOURCES[kind]!(xs))
      const loops = [await read(made), await made.toArray(), await read(made)]
      const anew = apply(SOURCES[kind]!(xs))
      for (const [epoch, loop] of loops.entries()) expect(await read(anew.iterate({ epoch }))).toEqual(loop)
    }),
    { numRuns: 150 },
  )
})

it('take and skip share out the elements', async () => {
  await fc.assert(
    fc.asyncProperty(sourceKind, values, anyPipeline, fc.nat(30), async (kind, xs, { apply }, n) => {
      const made = () => apply(SOURCES[kind]!(xs))
      const parts = [...(await read(made().take(n))), ...(await read(made().skip(n)))]
      expect(parts).toEqual(await read(made()))
    }),
    { numRuns: 150 },
  )
})
