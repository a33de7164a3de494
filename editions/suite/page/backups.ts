import { planned, section } from '#kernel/edition'

export const backups = section(
  { en: 'Backups', ar: 'النسخ الاحتياطي' },
  planned(
    'suite-5.1',
    {
      en: 'The database of every workspace is backed up daily, and each daily backup is kept for 30 days.',
      ar: 'تُنسخ قاعدة بيانات كل مساحة عمل احتياطيًا كل يوم، وتُحفظ كل نسخة يومية 30 يومًا.',
    },
    'backups',
  ),
  planned(
    'suite-5.2',
    {
      en: 'In addition, weekly backups are kept for 90 days.',
      ar: 'وتُحفظ إلى جانبها نسخ احتياطية أسبوعية مدة 90 يومًا.',
    },
    'backups',
  ),
  planned(
    'suite-5.3',
    {
      en: 'Backups are encrypted and kept away from the production server, whose credentials cannot delete them.',
      ar: 'تُشفَّر النسخ الاحتياطية وتُحفظ بعيدًا عن خادم الإنتاج، ولا تتيح بيانات الدخول الخاصة به حذفها.',
    },
    'backups',
  ),
  planned(
    'suite-5.4',
    {
      en: 'We rehearse restoring regularly, taking the workspaces in turn, and record the result of each rehearsal.',
      ar: 'نُجري تدريبات استعادة منتظمة تتناوب عليها مساحات العمل، ونسجّل نتيجة كل تدريب.',
    },
    'backups',
  ),
)
