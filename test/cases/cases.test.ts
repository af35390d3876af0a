import { afterAll, describe, expect, test } from 'vitest'
import { runCase } from './case'
import { cases } from './list/index'
import { removeOutside } from './modes'

const IDS = `
  WHR-1 WHR-2 WHR-3 TIE-1 TIE-2 TIE-3 TIE-4 TIE-6 ZER-1 ZER-2 ZER-4 ZER-6 ZER-7 ZER-9 STB-1 STB-2 STB-4 STB-6 STB-7
  IDX-1 IDX-3 IDX-5 GEO-1 GEO-2 GEO-5 GEO-6 GEO-7 GEO-8 GEO-10 GEO-11 BRC-1 BRC-2 BRC-4 BRC-6 RED-1 RED-2
  INT-1 INT-2 INT-3 INT-4 INT-7 EMP-1 EMP-2 NAN-1 NAN-2 NAN-5 BNM-1 BNM-2 OPT-1 OPT-3 OPT-5 OPT-6
  RNN-1 RNN-2 RNN-4 RNN-5 RNN-7 LOS-1 LOS-3 LOS-5 LOS-7 RND-1 RND-3 CMP-1 CMP-2 CMP-3 CMP-4 CMP-5 CMP-8
  SAV-1 SAV-2 HOD-1 RUN-1 RUN-2 RUN-3 RUN-5`
  .trim()
  .split(/\s+/)

afterAll(removeOutside)

describe('cases from public reports', () => {
  test('all 76 are there, each once', () => {
    expect(cases).toHaveLength(76)
    expect(cases.map((c) => c.id)).toEqual(IDS)
  })

  for (const c of cases) {
    test.skipIf(!c.run)(c.id, async () => {
      const { pass, detail } = await runCase(c)
      expect(pass, detail).toBe(true)
    })
  }
})
