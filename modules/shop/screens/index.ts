import type { Screen } from '#web'

/** The counter’s screens, in the order of a day. Each is fetched when somebody goes there. */
export const screens: readonly Screen[] = [
  {
    path: 'invoices',
    title: 'shop-invoices',
    group: 'shop',
    needs: 'shop.invoice.list',
    load: () => import('./invoices/invoices.tsx'),
  },
  {
    path: 'customers',
    title: 'shop-customers',
    group: 'shop',
    needs: 'shop.customer.list',
    load: () => import('./customers/customers.tsx'),
  },
  {
    path: 'pieces',
    title: 'shop-pieces',
    group: 'shop',
    needs: 'shop.piece.list',
    load: () => import('./pieces/pieces.tsx'),
  },
  {
    path: 'rates',
    title: 'shop-rates',
    group: 'shop',
    needs: 'shop.rate.current',
    load: () => import('./rates/rates.tsx'),
  },
  {
    path: 'day',
    title: 'shop-day',
    group: 'shop',
    needs: 'shop.till.current',
    load: () => import('./day/day.tsx'),
  },
  {
    path: 'reports',
    title: 'shop-reports',
    group: 'shop',
    needs: 'shop.sales.list',
    load: () => import('./reports/reports.tsx'),
  },
  {
    path: 'shop',
    title: 'shop-settled',
    group: 'shop',
    needs: 'shop.setting.current',
    load: () => import('./settled/settled.tsx'),
  },
]
