import { partly, planned, proven, section, tenancy, trust } from '#kernel/edition'

export const principles = section(
  { en: 'How we approach security', ar: 'نهجنا في الأمان' },
  partly(
    'helpdesk-1.1',
    {
      en: 'Security is continuous work for us, and protections stand in layers: should the application’s own check ever fail, the database still refuses to lead from one workspace into another.',
      ar: 'الأمان عندنا عمل متواصل، ووسائل الحماية طبقات متتالية: فإن أخفق فحص التطبيق نفسه يومًا، ظلّت قاعدة البيانات تمنع العبور من مساحة عمل إلى أخرى.',
    },
    'continuous-security',
    tenancy.reach,
    tenancy.sql,
    tenancy.login,
  ),
  planned(
    'helpdesk-1.2',
    {
      en: 'What we show in public gives away neither the internal hosts behind the service, nor the software versions it runs, nor the thresholds of its defences.',
      ar: 'لا يكشف ما نعرضه للعموم عن الخوادم الداخلية التي تقوم عليها الخدمة، ولا عن إصدارات برمجياتها، ولا عن العتبات التي تعمل عندها دفاعاتها.',
    },
    'trust',
  ),
  proven(
    'helpdesk-1.3',
    {
      en: 'The principles and measures on this page are real: every sentence rests on a check, on a signed statement, or says openly that it is not claimed.',
      ar: 'المبادئ والتدابير الواردة في هذه الصفحة حقيقية: فكل جملة تستند إلى فحص أو إلى إقرار موقّع، أو تصرّح بأننا لا ندّعي مضمونها.',
    },
    trust.bound,
  ),
)
