import { testEverySecond } from './rows.ts'

await testEverySecond(1)
