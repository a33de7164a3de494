import { after, test } from 'node:test'
import { openDrill } from './drill.ts'
import { insistThatAllHold, testEverySecond } from './rows.ts'

const drill = await openDrill()
after(() => drill[Symbol.asyncDispose]())

testEverySecond(1, drill)

test('all hold again after everything was broken', (t) => insistThatAllHold(drill, t))
