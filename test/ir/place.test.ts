import { describe, expect, it } from 'vitest'
import { placeOf, siteText } from '../../src/ir/origin'
import { fileName, libraryOf, placesOf } from '../../src/ir/place'
import { constant, named, neg, recordSites } from '../../src'

const [v8, jsc, spider] = ['V8', 'JavaScriptCore', 'SpiderMonkey']

/** A frame as an engine writes it, and the place in it: none where it is no line of a file of the user's. */
const FRAMES: readonly (readonly [engine: string, frame: string, place?: string])[] = [
  [v8, '    at model (/home/a/model.js:12:7)', '/home/a/model.js 12 7'],
  [v8, '    at /home/a/model.js:12:7', '/home/a/model.js 12 7'],
  [v8, '    at file:///home/a/model.js:12:7', 'file:///home/a/model.js 12 7'],
  [v8, '    at async build (file:///home/a/model.js:12:7)', 'file:///home/a/model.js 12 7'],
  [v8, '    at async file:///home/a/model.js:12:7', 'file:///home/a/model.js 12 7'],
  [v8, '    at new Net (file:///home/a/model.js:12:7)', 'file:///home/a/model.js 12 7'],
  [v8, '    at Object.build [as model] (/home/a/model.js:12:7)', '/home/a/model.js 12 7'],
  [v8, '    at build (/home/my models/a (1)/model [2].js:12:7)', '/home/my models/a (1)/model [2].js 12 7'],
  [v8, '    at /home/my models/a (1)/model [2].js:12:7', '/home/my models/a (1)/model [2].js 12 7'],
  [v8, '    at build (/srv/@me/models@2/model.js:12:7)', '/srv/@me/models@2/model.js 12 7'],
  [v8, '    at build (C:\\Users\\Ada L\\model.js:12:7)', 'C:\\Users\\Ada L\\model.js 12 7'],
  [v8, '    at C:\\Users\\Ada L\\model.js:12:7', 'C:\\Users\\Ada L\\model.js 12 7'],
  [v8, '    at build (file:///C:/Users/Ada%20L/model.js:12:7)\r', 'file:///C:/Users/Ada%20L/model.js 12 7'],
  [v8, '    at build (http://localhost:5173/src/model.ts:12:7)', 'http://localhost:5173/src/model.ts 12 7'],
  [v8, '    at build (http://localhost:5173/src/model.ts?t=1718:12:7)', 'http://localhost:5173/src/model.ts 12 7'],
  [v8, '    at build (https://a.org/model.js?of=3&v=9ab&t=1:12:7)', 'https://a.org/model.js?of=3 12 7'],
  [v8, '    at build (file:///home/a/model.ts?namespace=1718:12:7)', 'file:///home/a/model.ts 12 7'],
  [v8, '    at file:///home/a/model.ts?tsx-namespace=1718&namespace=2:12:7', 'file:///home/a/model.ts 12 7'],
  [v8, '    at build (blob:http://localhost:5173/0b-1c:12:7)', 'blob:http://localhost:5173/0b-1c 12 7'],
  [v8, '    at eval (model.ts:12:7)', 'model.ts 12 7'],
  [v8, '    at eval (my model (2)@new.ts:12:7)', 'my model (2)@new.ts 12 7'],
  [v8, '    at eval (eval at run (file:///a/run.js:12:7), <anonymous>:3:9)', 'file:///a/run.js 12 7'],
  [v8, '    at eval (eval at <anonymous> (eval at run (/a (b)/run.js:12:7)), <anonymous>:3:9)', '/a (b)/run.js 12 7'],
  [v8, '    at eval (eval at run (a.js:12:7), <anonymous>:3:9)', 'a.js 12 7'],
  [v8, '    at async Promise.all (index 0)'],
  [v8, '    at Array.map (<anonymous>)'],
  [v8, '    at Array.forEach (native)'],
  [v8, '    at ModuleJob.run (node:internal/modules/esm/module_job:325:25)'],
  [v8, '    at core.run (ext:core/01_core.js:12:7)'],
  [v8, '    at processTicksAndRejections (native:7:39)'],
  [v8, '    at run (wasm://wasm/9ab1:wasm-function[3]:0x2f)'],
  [jsc, 'build@http://localhost:8080/model.js:12:7', 'http://localhost:8080/model.js 12 7'],
  [jsc, '@http://localhost:8080/model.js:12:7', 'http://localhost:8080/model.js 12 7'],
  [jsc, 'http://localhost:8080/@me/model.js:12:7', 'http://localhost:8080/@me/model.js 12 7'],
  [jsc, 'module code@file:///home/a/my%20model.js:12:7', 'file:///home/a/my%20model.js 12 7'],
  [jsc, 'build@/home/a b/@me/(1) [2]/model.js:12:7', '/home/a b/@me/(1) [2]/model.js 12 7'],
  [jsc, 'build@model.ts:12:7', 'model.ts 12 7'],
  [jsc, 'map@[native code]'],
  [jsc, 'eval code@'],
  [jsc, 'eval@[native code]'],
  [spider, 'build@http://localhost:8080/model.js?of=3&t=1:12:7', 'http://localhost:8080/model.js?of=3 12 7'],
  [spider, 'Net/this.build<@https://a.org/@me/model.js:12:7', 'https://a.org/@me/model.js 12 7'],
  [spider, 'async*build@file:///home/a/model.js:12:7', 'file:///home/a/model.js 12 7'],
  [spider, 'promise callback*@blob:http://localhost:8080/0b-1c:12:7', 'blob:http://localhost:8080/0b-1c 12 7'],
  [spider, '@file:///C:/Users/Ada/model.js:12:7', 'file:///C:/Users/Ada/model.js 12 7'],
  [spider, 'build@http://a.org/run.js line 12 > Function:3:9', 'http://a.org/run.js 12 1'],
  [spider, '@http://a.org/run.js line 12 > eval line 4 > Function:3:9', 'http://a.org/run.js 12 1'],
  [spider, 'anonymous@model.ts:12:7', 'model.ts 12 7'],
  [spider, 'map@self-hosted:178:21'],
  [spider, 'run@resource://gre/modules/a.js:12:7'],
  [spider, ''],
]

describe('places of stacks', () => {
  it.each(FRAMES)('%s: %s', (engine, frame, place) => {
    const around: [string, string, string] =
      engine === v8
        ? ['Error: at first\n', '\n    at outer (/outer.js:1:2)', '']
        : ['', '\nouter@/outer.js:1:2', engine === spider ? '\n' : '']
    const found = placesOf(around[0] + frame + around[1] + around[2])
    const outer = { file: '/outer.js', line: 1, column: 2 }
    const [, file, line, column] = /^(.*) (\d+) (\d+)$/.exec(place ?? '') ?? []
    expect(found).toEqual(place ? [{ file, line: Number(line), column: Number(column) }, outer] : [outer])
  })

  it.each([
    ['/home/a/my model.js', 'my model.js'],
    ['C:\\a\\model.js', 'model.js'],
    ['model.ts', 'model.ts'],
    ['file:///a/my%20model%20100%25.js', 'my model 100%.js'],
    ['http://a.org/100%.js?of=a/b.js', '100%.js'],
    ['http://localhost:8080/', 'http://localhost:8080/'],
    ['blob:http://localhost:8080/0b-1c', '0b-1c'],
  ])('%s is called %s', (file, name) => {
    expect(fileName(file)).toBe(name)
  })

  it.each([
    ['/a/src/ir/place.ts', '/a/src/ops/unary.ts', true],
    ['/a/src/ir/place.ts', '/a/test/model.ts', false],
    ['C:\\a\\src\\ir\\place.ts', 'C:\\a\\src\\api\\math.ts', true],
    ['http://a.org/gradloom/dist/chunk.js', 'http://a.org/gradloom/dist/index.js', true],
    ['http://a.org/gradloom/dist/chunk.js', 'http://a.org/model.js', false],
    ['blob:http://a.org/1', 'blob:http://a.org/1', true],
    ['blob:http://a.org/1', 'blob:http://a.org/2', false],
    ['file:///a/dist/chunk.js', '/a/dist/chunk.cjs', true],
    ['file:///a/dist/chunk.js', '/a/model.cjs', false],
    ['/a/dist/chunk.cjs', 'file:///a/dist/index.js', true],
    ['/a/dist/chunk.cjs', 'file:///a/model.js', false],
    ['file:///a/my%20lib%23%3F/dist/chunk.js', '/a/my lib#?/dist/chunk.cjs', true],
    ['/a/my lib#?/dist/chunk.cjs', 'file:///a/my%20lib%23%3F/dist/chunk.js', true],
    ['/a/my lib?/dist/chunk.cjs', '/a/my lib?/model.cjs', false],
    ['/a/50%/dist/chunk.cjs', 'file:///a/50%25/dist/chunk.js', true],
    ['file:///a/dist/chunk.js?v=a/b', 'file:///a/dist/index.js?v=c', true],
    ['file:///C:/a/dist/chunk.js', 'C:\\a\\dist\\chunk.cjs', true],
    ['C:\\a\\dist\\chunk.cjs', 'file:///C:/a/dist/chunk.js', true],
    ['file:///a/src/ir/place.ts', '/a/src/ops/unary.ts', true],
    ['gradloom.js', 'gradloom.js', true],
    ['gradloom.js', 'model.js', false],
    ['', '/a/model.js', false],
  ])('with the library in %s, %s is its own: %s', (own, file, expected) => {
    expect(libraryOf(own)(file)).toBe(expected)
  })
})

describe('the place of a tensor', () => {
  const x = constant([1, 2, 3])

  it('is the line that built it, in this file', () => {
    const here = placesOf(new Error().stack!)[0]!
    const y = neg(x)
    expect(placeOf(y.origin)).toEqual({ file: here.file, line: here.line + 1, column: 15 })
    expect(siteText(named('y', y).origin)).toBe(`place.test.ts:${here.line + 1}`)
  })

  it('is found once for each stack', () => {
    let asked = 0
    const stack = new Error()
    Object.defineProperty(stack, 'stack', { get: () => (asked++, 'Error\n    at model (/m.js:3:4)') })
    const origin = { scope: '', site: { stack } }
    expect([placeOf(origin), placeOf({ ...origin })].map((p) => p?.line)).toEqual([3, 3])
    expect(asked).toBe(1)
  })

  it.each([undefined, 7, '', 'Error: no frames', []])('is none where the stack is %j', (text) => {
    const stack = new Error()
    Object.defineProperty(stack, 'stack', { value: text })
    expect(placeOf({ scope: '', site: { stack } })).toBeUndefined()
    expect(siteText({ scope: '', site: { stack } })).toBeUndefined()
  })

  it('is none where lines are not recorded', () => {
    recordSites(false)
    const y = neg(x)
    recordSites(true)
    expect(placeOf(y.origin)).toBeUndefined()
  })

  it('is that of code from a string by its name', () => {
    const build = new Function('neg', 'x', 'return neg(x)\n//# sourceURL=my-model.ts') as (
      f: unknown,
      t: unknown,
    ) => typeof x
    expect(placeOf(build(neg, x).origin)?.file).toBe('my-model.ts')
  })
})
