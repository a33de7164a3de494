import { planned, section } from '#kernel/edition'

export const incidents = section(
  { en: 'Incidents and availability', ar: 'الحوادث والتوافر' },
  planned(
    'helpdesk-13.1',
    {
      en: 'When availability suffers, the engineer on call is alerted automatically.',
      ar: 'عند تأثر توافر الخدمة يُستدعى المهندس المناوب آليًّا.',
    },
    'incidents',
  ),
  planned(
    'helpdesk-13.2',
    {
      en: 'A status page shows live availability, and we post updates there while an incident lasts.',
      ar: 'تعرض صفحة الحالة توافر الخدمة لحظة بلحظة، وننشر فيها المستجدات ما دام الحادث قائمًا.',
    },
    'status',
  ),
  planned(
    'helpdesk-13.3',
    {
      en: 'Incidents that touch personal data are handled and notified as the GDPR prescribes.',
      ar: 'تُعالَج الحوادث التي تمس البيانات الشخصية ويُبلَّغ عنها وفق ما تقرره اللائحة العامة لحماية البيانات (GDPR).',
    },
    'incidents',
  ),
  planned(
    'helpdesk-13.4',
    {
      en: 'After a significant incident we publish a post-mortem.',
      ar: 'ننشر بعد كل حادث جسيم تقريرًا يحلل أسبابه ونتائجه.',
    },
    'incidents',
  ),
  planned(
    'helpdesk-13.5',
    {
      en: 'The page at /status is refreshed every 30 seconds by probes that really exercise the service.',
      ar: 'تُحدَّث الصفحة /status كل 30 ثانية بفحوص تختبر الخدمة فعليًّا.',
    },
    'status',
  ),
)
