import { GraphError } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { optimizerOf, sgd } from '../../src/optim/optimizers'

const configured = (source: string, flags = ''): unknown =>
  optimizerOf({ className: 'SGD', config: { excludeFromWeightDecay: [{ source, flags }] } }).config[
    'excludeFromWeightDecay'
  ]

describe('a pattern of a configuration', () => {
  it.each([['^bias$'], ['(bias|gamma)$'], ['norm.*/beta'], ['a\\*b\\+\\(c\\)\\*'], ['[*+{(]+x{2}'], ['']])(
    'may be %s',
    (source) => {
      expect(configured(source, 'i')).toEqual([{ source: new RegExp(source).source, flags: 'i' }])
    },
  )

  it.each([
    ['(a+)+$', 'known to end'],
    ['(a|a)*b', 'known to end'],
    ['(x){9}', 'known to end'],
    ['a*a*a*b', 'known to end'],
    ['a'.repeat(1001), 'known to end'],
    ['(', 'no pattern'],
  ])('may not be %s', (source, said) => {
    expect(() => configured(source)).toThrow(GraphError)
    expect(() => configured(source)).toThrow(said)
    if (said === 'known to end')
      expect(() => sgd({ excludeFromWeightDecay: [new RegExp(source)] }).config).toThrow('excludeFromWeightDecay')
  })

  it('has flags that there are', () => {
    expect(() => configured('x', 'qq')).toThrow('no pattern')
  })
})
