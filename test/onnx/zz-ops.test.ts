import { constant, grad, mul, sum, type Tensor } from 'gradloom'
import { it } from 'vitest'
import { isFloat, newData, sizeOf } from '../../src/ir/type'
import { type OpName, OPS } from '../../src/ops/table'
import { build, CASES, type Inputs, randomNumbers, sample } from '../ops/cases'
import { writeOnnx } from '../../src/onnx'
import { OrtModel, type Fed } from './ort'
const only = process.env['ONLY']?.split(',')
it('ops', async () => {
  const fails = new Map<string, Map<string, number>>()
  let ok = 0
  for (const name of Object.keys(CASES) as OpName[]) {
    if (only && !only.includes(name)) continue
    let n = 0
    for (const [k, test] of CASES[name].entries()) for (const floats of ['float32', 'float64'] as const) for (const withGrad of [false, true]) {
      if (floats === 'float64' && !test.inputs.some((x) => x.dtype === 'float')) continue
      const random = randomNumbers(3)
      const inputs: Record<string, Inputs[string]> = {}
      const feeds: Record<string, number[]> = {}
      test.inputs.forEach((spec, i) => { inputs[`x${i}`] = { shape: spec.shape, dtype: spec.dtype === 'float' ? floats : spec.dtype }; feeds[`x${i}`] = sample(spec, random, i) })
      const special = test.inputs.some((x) => x.domain === 'special')
      let isG = false
      const body = (xs: Record<string, Tensor>) => {
        const y = test.build(...test.inputs.map((_, i) => xs[`x${i}`]!))
        if (!withGrad) return { outputs: { y } }
        const by = Object.values(xs).filter((x) => isFloat(x.dtype))
        if (special || OPS[name].vjp === null || !isFloat(y.dtype) || by.length === 0) return { outputs: { y } }
        isG = true
        return { outputs: Object.fromEntries(grad(sum(mul(y, constant(Float32Array.from({length: sizeOf(y.shape)}, random).map((v) => 2 * v - 1), {shape: y.shape, dtype: y.dtype} as never))), by, { disconnected: 'zeros' }).map((g, i) => [`g${i}`, g])) }
      }
      const label = `${floats} ${withGrad ? 'grad' : 'y'}`
      const fail = (what: string) => { const m = fails.get(name) ?? new Map(); fails.set(name, m); const key = `${label}: ${what}`; m.set(key, (m.get(key) ?? 0) + 1); if (only) console.log(name, k, key, JSON.stringify(test.inputs)) }
      let ran
      try { ran = build(inputs, body, { target: 'js' }) } catch (e) { fail('build ' + String(e).slice(0, 100)); continue }
      if (withGrad && !isG) { ran.dispose(); continue }
      try {
        const bytes = writeOnnx(ran.net)
        let model
        try { model = await OrtModel.load(bytes) } catch (e) { fail('LOAD ' + String(e).replace(/\s+/g, ' ').slice(0, 330)); continue }
        const fed: Record<string, Fed> = {}
        for (const x of model.inputs) { const { shape, dtype } = inputs[x]!; const data = newData(dtype, sizeOf(shape)); data.set(feeds[x]!); fed[x] = { shape, dtype, data } }
        const expected = ran.run(feeds)
        let got
        try { got = await model.run(fed) } catch (e) { fail('RUN ' + String(e).replace(/\s+/g, ' ').slice(0, 330)); continue }
        finally { await model.release() }
        n++
        for (const key of Object.keys(expected)) {
          const e = expected[key]!, g = got[key]!
          if (e.length !== g.length) { fail(`length ${g.length} for ${e.length}`); break }
          const top = Array.from(e).reduce((m, v) => Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m, 0)
          const tol = e instanceof Float32Array || floats === 'float32' ? 1e-5 : 1e-6
          const bad = Array.from(e).findIndex((v, i) => !(Object.is(v, g[i]) || v === g[i] || (v !== v && g[i] !== g[i]) || Math.abs(v - g[i]!) <= tol * Math.max(Math.abs(v), top / 20)))
          if (bad >= 0) fail('VALUE' + (special ? ' special' : '') + (only ? ` ${key}[${bad}] ${g[bad]} for ${e[bad]} in ${JSON.stringify(feeds).slice(0,300)}` : '')); else ok++
        }
      } catch (e) { fail('EXPORT ' + String(e).slice(0, 300)) }
      ran.dispose()
    }
  }
  for (const [name, m] of fails) for (const [k, c] of m) console.log(`${name} x${c}: ${k}`)
  console.log('ok', ok)
}, 600000)
