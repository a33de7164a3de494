import { identity, planned, proven, section, tenancy } from '#kernel/edition'

export const isolation = section(
  { en: 'Separation of workspaces', ar: 'الفصل بين مساحات العمل' },
  proven(
    'helpdesk-4.1',
    {
      en: 'Every row bears the id of its workspace, and the rule that no query runs outside a workspace is kept by the database itself: without one, it shows nothing.',
      ar: 'يحمل كل صف مُعرّف مساحة العمل التي يتبعها، وقاعدة البيانات نفسها هي التي تمنع أي استعلام خارج مساحة عمل: فمن دونها لا تُظهر شيئًا.',
    },
    tenancy.rows,
    tenancy.sql,
    tenancy.login,
  ),
  proven(
    'helpdesk-4.2',
    {
      en: 'The workspace of a request follows from the identity that makes it. A record of another workspace is answered as “not found”, exactly like one that does not exist.',
      ar: 'تُستمد مساحة العمل في كل طلب من هوية صاحبه. أما السجل التابع لمساحة أخرى فجوابه «غير موجود»، تمامًا كسجل لا وجود له.',
    },
    identity.scoped,
    tenancy.reach,
    tenancy.twins,
  ),
  planned(
    'helpdesk-4.3',
    {
      en: 'Live updates travel in rooms that belong to one conversation of one workspace; whoever tries to join a foreign room is turned away before any data is sent.',
      ar: 'تصل التحديثات المباشرة عبر غرف تخص كل منها محادثة واحدة في مساحة عمل واحدة، ومن يحاول دخول غرفة ليست له يُرفض قبل إرسال أي بيانات.',
    },
    'realtime',
  ),
  planned(
    'helpdesk-4.4',
    {
      en: 'The AI agent and the embeddings it searches are separate for each workspace; no vector store is shared.',
      ar: 'وكيل الذكاء الاصطناعي والتضمينات التي يبحث فيها منفصلة لكل مساحة عمل، ولا يوجد مخزن متجهات مشترك.',
    },
    'assistant',
  ),
)
